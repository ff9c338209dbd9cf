using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>A plan with its index changes worked out and in key order, made on the caller's thread so that the writer only writes.</summary>
internal sealed class PreparedPlan
{
    public PreparedPlan(CommitPlan plan)
    {
        Plan = plan;
        foreach (var write in plan.Writes)
            Collect(write.Sid, write.Remove, write.Add);
        foreach (var purge in plan.Purges)
            Collect(purge.Sid, purge.Remove, purge.Add);
        foreach (var fill in plan.Fills)
            Collect(fill.Sid, fill.Remove, fill.Add);

        Tokens.Sort(default(IndexOrder.Tokens));
        References.Sort(default(IndexOrder.References));
        Dates.Sort(default(IndexOrder.Dates));
        Strings.Sort(default(IndexOrder.Strings));
        Numbers.Sort(default(IndexOrder.Numbers));
        Quantities.Sort(default(IndexOrder.Quantities));
        Uris.Sort(default(IndexOrder.Uris));
        Composites.Sort(default(IndexOrder.Composites));
        Words.Sort(default(IndexOrder.Words));
    }

    public CommitPlan Plan { get; }

    private void Collect(long sid, IndexRows? before, IndexRows after)
    {
        Tokens.Collect(sid, before?.Tokens, before?.Owners, after.Tokens, after.Owners);
        References.Collect(sid, before?.References, before?.Owners, after.References, after.Owners);
        Dates.Collect(sid, before?.Dates, before?.Owners, after.Dates, after.Owners);
        Strings.Collect(sid, before?.Strings, before?.Owners, after.Strings, after.Owners);
        Numbers.Collect(sid, before?.Numbers, before?.Owners, after.Numbers, after.Owners);
        Quantities.Collect(sid, before?.Quantities, before?.Owners, after.Quantities, after.Owners);
        Uris.Collect(sid, before?.Uris, before?.Owners, after.Uris, after.Owners);
        Composites.Collect(sid, before?.Composites, before?.Owners, after.Composites, after.Owners);
        Words.Collect(sid, before?.Words, before?.Owners, after.Words, after.Owners);
    }

    public IndexChanges<TokenRow> Tokens { get; } = new();

    public IndexChanges<ReferenceRow> References { get; } = new();

    public IndexChanges<DateRow> Dates { get; } = new();

    public IndexChanges<StringRow> Strings { get; } = new();

    public IndexChanges<NumberRow> Numbers { get; } = new();

    public IndexChanges<QuantityRow> Quantities { get; } = new();

    public IndexChanges<UriRow> Uris { get; } = new();

    public IndexChanges<CompositeRow> Composites { get; } = new();

    public IndexChanges<WordRow> Words { get; } = new();
}
