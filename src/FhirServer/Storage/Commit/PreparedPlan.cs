using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>A plan with its index changes worked out and in key order, made on the caller's thread so that the writer only writes.</summary>
internal sealed class PreparedPlan
{
    public PreparedPlan(CommitPlan plan)
    {
        Plan = plan;
        foreach (var write in plan.Purges.Count == 0 ? plan.Writes : [.. plan.Writes, .. plan.Purges])
        {
            var (sid, before, after) = (write.Sid, write.Remove, write.Add);
            Tokens.Collect(sid, before?.Tokens, before?.Owners, after.Tokens, after.Owners);
            References.Collect(sid, before?.References, before?.Owners, after.References, after.Owners);
            Dates.Collect(sid, before?.Dates, before?.Owners, after.Dates, after.Owners);
            Strings.Collect(sid, before?.Strings, before?.Owners, after.Strings, after.Owners);
            Numbers.Collect(sid, before?.Numbers, before?.Owners, after.Numbers, after.Owners);
            Quantities.Collect(sid, before?.Quantities, before?.Owners, after.Quantities, after.Owners);
            Uris.Collect(sid, before?.Uris, before?.Owners, after.Uris, after.Owners);
        }

        Tokens.Sort(default(IndexOrder.Tokens));
        References.Sort(default(IndexOrder.References));
        Dates.Sort(default(IndexOrder.Dates));
        Strings.Sort(default(IndexOrder.Strings));
        Numbers.Sort(default(IndexOrder.Numbers));
        Quantities.Sort(default(IndexOrder.Quantities));
        Uris.Sort(default(IndexOrder.Uris));
    }

    public CommitPlan Plan { get; }

    public IndexChanges<TokenRow> Tokens { get; } = new();

    public IndexChanges<ReferenceRow> References { get; } = new();

    public IndexChanges<DateRow> Dates { get; } = new();

    public IndexChanges<StringRow> Strings { get; } = new();

    public IndexChanges<NumberRow> Numbers { get; } = new();

    public IndexChanges<QuantityRow> Quantities { get; } = new();

    public IndexChanges<UriRow> Uris { get; } = new();
}
