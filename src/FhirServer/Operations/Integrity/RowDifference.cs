using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Tells which index rows of one resource are wrong, and how to put them right.</summary>
internal sealed class RowDifference(IResourceStore store, Extraction extraction, BodyCodec codec)
{
    /// <param name="resource">The resource, without body; null when there is none with that surrogate key.</param>
    /// <param name="plan">Where the correction goes; null to only tell.</param>
    public async Task TellAsync(
        IReadSession session, string type, long sid, StoredResource? resource, IReadOnlyList<ColumnRows> tables, List<Finding> findings, CommitPlan? plan, CancellationToken ct)
    {
        var wanted = new Dictionary<string, ColumnRows>(StringComparer.Ordinal);
        if (resource is { IsDeleted: false })
        {
            var read = await session.QueryAsync(VerifySql.Resources(store.Dialect, type, sid - 1, sid, 1), r => ResourceRow.Read(r, codec), ct);
            wanted = Extraction.Tables(await extraction.RunAsync(read, new(), (_, _, _) => { }, ct)).ToDictionary(t => t.Table, StringComparer.Ordinal);
        }

        var (removed, added) = (new List<ColumnRows>(), new List<ColumnRows>());
        foreach (var shape in tables)
        {
            var actual = await session.QueryAsync(VerifySql.Rows(store.Dialect, shape.Table, shape.Columns, type, sid - 1, sid),
                r => (object[])[.. shape.Values.Select((v, c) => v switch { string[] => (object)r.Text(c), int[] => (int)r.Int64(c), short[] => (short)r.Int64(c), _ => r.Int64(c) })], ct);
            var expected = wanted.TryGetValue(shape.Table, out var rows) ? Enumerable.Range(0, rows.Count).Select(i => (object[])[.. rows.Values.Select(v => v.GetValue(i)!)]).ToList() : [];
            removed.Add(Rows(shape, actual.Where(a => !expected.Exists(e => e.SequenceEqual(a)))));
            added.Add(Rows(shape, expected.Where(e => !actual.Exists(a => a.SequenceEqual(e)))));
        }

        var (surplus, missing) = (removed.Sum(r => r.Count), added.Sum(r => r.Count));
        var where = string.Join(", ", tables.Select(t => t.Table));
        findings.Add(resource is null
            ? new("index", null, $"{surplus} index rows ({where}) belong to no {type} of the store (key {sid}).")
            : new("index", resource.Key, $"{resource.Key} has {surplus} index rows too many and lacks {missing} ({where})."));
        plan?.Corrections.Add(new(sid, resource?.Version ?? -1, removed, added));
    }

    private static ColumnRows Rows(ColumnRows shape, IEnumerable<object[]> rows)
    {
        var list = rows.ToList();
        return shape with
        {
            Values = [.. shape.Values.Select((column, c) =>
            {
                var values = Array.CreateInstance(column.GetType().GetElementType()!, list.Count);
                for (var i = 0; i < list.Count; i++)
                    values.SetValue(list[i][c], i);
                return values;
            })],
        };
    }
}
