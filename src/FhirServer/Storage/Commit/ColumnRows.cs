using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Rows of one table column by column, as the client/server engines take them in bulk.</summary>
/// <param name="Values">One array a column: long[], int[], short[], string[] or byte[][], all of one length.</param>
internal sealed record ColumnRows(string Table, string[] Columns, Array[] Values)
{
    public int Count => Values[0].Length;

    public static ColumnRows Resources(IReadOnlyList<ResourceWrite> writes) => new(
        "Resource",
        ["Sid", "Type", "Id", "Version", "LastUpdated", "Deleted", "Method", "Owner", "Body"],
        [
            Of(writes, w => w.Sid), Of(writes, w => (short)ResourceTypes.NumberOf(w.Key.Type)), Of(writes, w => w.Key.Id), Of(writes, w => w.Version),
            Of(writes, w => w.LastUpdated), Of(writes, w => (short)(w.IsDeleted ? 1 : 0)), Of(writes, w => (short)HttpVerb.NumberOf(w)),
            Of(writes, w => w.Owner), Of(writes, w => w.Body),
        ]);

    /// <summary>Reserved keys: version 0, shown by nothing.</summary>
    public static ColumnRows Anchors(IReadOnlyList<(long Sid, ResourceKey Key)> anchors) => new(
        "Resource",
        ["Sid", "Type", "Id", "Version", "LastUpdated", "Deleted", "Method", "Owner", "Body"],
        [
            Of(anchors, a => a.Sid), Of(anchors, a => (short)ResourceTypes.NumberOf(a.Key.Type)), Of(anchors, a => a.Key.Id), Of(anchors, _ => 0),
            Of(anchors, _ => 0L), Of(anchors, _ => (short)1), Of(anchors, _ => (short)0), Of(anchors, _ => 0L), Of(anchors, _ => Array.Empty<byte>()),
        ]);

    public static ColumnRows Texts(CommitPlan plan)
    {
        // In key order, so that two transactions with the same new texts wait for each other instead of deadlocking.
        var texts = plan.Texts.DistinctBy(t => t.Key).OrderBy(t => t.Key).ToList();
        return new("TokenText", ["Hash", "Text"], [Of(texts, t => t.Key), Of(texts, t => t.Value)]);
    }

    public static ColumnRows Shapes(CommitPlan plan)
    {
        var shapes = plan.Shapes.DistinctBy(s => (s.Type, s.Hash)).OrderBy(s => s.Type).ThenBy(s => s.Hash).ToList();
        return new("Shape", ["Type", "Hash", "Params"], [Of(shapes, s => (short)s.Type), Of(shapes, s => s.Hash), Of(shapes, s => s.Params)]);
    }

    public static ColumnRows Displays(CommitPlan plan)
    {
        var displays = plan.Displays.DistinctBy(d => (d.Param, d.Folded, d.Hash, d.System))
            .OrderBy(d => d.Param).ThenBy(d => d.Folded, StringComparer.Ordinal).ThenBy(d => d.Hash).ThenBy(d => d.System).ToList();
        return new("TokenDisplay", ["Hash", "Param", "System", "Folded"],
            [Of(displays, d => d.Hash), Of(displays, d => d.Param), Of(displays, d => d.System), Of(displays, d => d.Folded)]);
    }

    /// <summary>What is left of purged resources: no id, no content.</summary>
    public static ColumnRows Purged(IReadOnlyList<ResourceWrite> purges) => new("Purged", ["Sid", "At", "Version", "Type", "Digest"],
        [
            Of(purges, p => p.Sid), Of(purges, p => p.LastUpdated), Of(purges, p => p.ExpectedVersion), Of(purges, p => (short)ResourceTypes.NumberOf(p.Key.Type)),
            Of(purges, p => DigestOf(p.Key)),
        ]);

    /// <summary>Tells whether a given key was purged, without keeping the key.</summary>
    public static string DigestOf(ResourceKey key) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key.ToString())));

    /// <summary>What a plan takes out of the index tables and what it puts in.</summary>
    public static IEnumerable<(ColumnRows Removed, ColumnRows Added)> Index(PreparedPlan plan)
    {
        yield return Both(plan.Tokens, Tokens);
        yield return Both(plan.References, References);
        yield return Both(plan.Dates, Dates);
        yield return Both(plan.Strings, Strings);
        yield return Both(plan.Numbers, Numbers);
        yield return Both(plan.Quantities, Quantities);
        yield return Both(plan.Uris, Uris);
        yield return Both(plan.Composites, Composites);
        yield return Both(plan.Words, Words);
    }

    private static (ColumnRows Removed, ColumnRows Added) Both<T>(IndexChanges<T> changes, Func<List<IndexEntry<T>>, ColumnRows> of) where T : struct =>
        (of(changes.Removed), of(changes.Added));

    private static ColumnRows Tokens(List<IndexEntry<TokenRow>> rows) => new("Token", ["Hash", "Owner", "Sid", "Param", "System"],
        [Of(rows, e => e.Row.Hash), Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.System)]);

    private static ColumnRows References(List<IndexEntry<ReferenceRow>> rows) => new("Reference", ["Target", "Sid", "Owner", "Param"],
        [Of(rows, e => e.Row.Target), Of(rows, e => e.Sid), Of(rows, e => e.Owner), Of(rows, e => e.Row.Param)]);

    private static ColumnRows Dates(List<IndexEntry<DateRow>> rows) => new("Date", ["Owner", "Lo", "Hi", "Sid", "Param", "DayLo", "DayHi"],
        [
            Of(rows, e => e.Owner), Of(rows, e => e.Row.Lo), Of(rows, e => e.Row.Hi), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param),
            Of(rows, e => e.Row.DayLo), Of(rows, e => e.Row.DayHi),
        ]);

    private static ColumnRows Strings(List<IndexEntry<StringRow>> rows) => new("String", ["Owner", "Sid", "Param", "Folded", "Exact"],
        [Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.Folded), Of(rows, e => e.Row.Exact)]);

    private static ColumnRows Numbers(List<IndexEntry<NumberRow>> rows) => new("Number", ["Owner", "Sid", "Param", "Value"],
        [Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.Value)]);

    private static ColumnRows Quantities(List<IndexEntry<QuantityRow>> rows) => new("Quantity", ["Owner", "Sid", "Param", "Unit", "Value"],
        [Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.Unit), Of(rows, e => e.Row.Value)]);

    private static ColumnRows Uris(List<IndexEntry<UriRow>> rows) => new("Uri", ["Sid", "Owner", "Param", "Value"],
        [Of(rows, e => e.Sid), Of(rows, e => e.Owner), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.Value)]);

    private static ColumnRows Composites(List<IndexEntry<CompositeRow>> rows) => new("Composite", ["Hash", "Owner", "Sid", "Param", "System", "Unit", "Value"],
        [
            Of(rows, e => e.Row.Hash), Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.System),
            Of(rows, e => e.Row.Unit), Of(rows, e => e.Row.Value),
        ]);

    private static ColumnRows Words(List<IndexEntry<WordRow>> rows) => new("Word", ["Owner", "Sid", "Param", "Word"],
        [Of(rows, e => e.Owner), Of(rows, e => e.Sid), Of(rows, e => e.Row.Param), Of(rows, e => e.Row.Word)]);

    private static TValue[] Of<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return values;
    }
}
