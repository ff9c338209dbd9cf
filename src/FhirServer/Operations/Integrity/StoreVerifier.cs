using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Compares what is stored with what it must be: version chains, change feed, index rows, texts (reliability R-6).</summary>
/// <remarks>
/// Works through one window of surrogate keys of one type in one snapshot. Index tables have no way from a resource to its rows: each is read
/// once a window, and the rows are summed by resource. Only resources whose sums differ are looked at row by row.
/// </remarks>
internal sealed class StoreVerifier(IResourceStore store, ResourceIndexer indexer, BodyCodec codec, LocalAddress address)
{
    private const int Chunk = 500;
    private const int MostFindings = 1000;
    private readonly Extraction extraction = new(store, indexer, address);

    /// <summary>The next window of a type; <paramref name="only"/> limits it to one resource.</summary>
    public async Task<VerifyPage> WindowAsync(string type, long after, int size, ResourceKey? only, bool repair, CancellationToken ct)
    {
        var findings = new List<Finding>();
        var plan = new CommitPlan();
        long count, last;
        var isEnd = true;
        await using (var session = await store.SnapshotAsync(SystemPlans.Integrity, ct))
        {
            if (only is { } key)
            {
                var state = (await store.LookUpAsync([key], withBodies: false, SystemPlans.Integrity, ct))[0];
                (count, last) = (1, state.Sid);
                after = state.Sid - 1;
            }
            else
            {
                (count, last) = (await session.QueryAsync(VerifySql.Window(store.Dialect, type, after, size), r => (r.Int64(0), r.Int64(1)), ct))[0];
                isEnd = count < size;
                if (isEnd)
                    last = long.MaxValue; // rows behind the last resource belong to none
            }

            await WindowAsync(session, type, after, last, findings, plan, repair, ct);
        }

        if (repair && (plan.Corrections.Count > 0 || plan.Texts.Count > 0 || plan.Shapes.Count > 0))
        {
            var isDone = await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
            for (var i = 0; i < findings.Count; i++)
                if (isDone && findings[i].Code is "index" or "text")
                    findings[i] = findings[i] with { IsRepaired = true };
        }

        return new(count, findings, isEnd ? null : new(type, last));
    }

    private async Task WindowAsync(IReadSession session, string type, long from, long to, List<Finding> findings, CommitPlan plan, bool repair, CancellationToken ct)
    {
        // An empty window needs no look at the feed: only rows that belong to nothing may be in it.
        var isEmpty = (await session.QueryAsync(VerifySql.Window(store.Dialect, type, from, 1), r => r.Int64(0), ct))[0] == 0;
        var changes = isEmpty ? [] : (await session.QueryAsync(VerifySql.Changes(store.Dialect, from, to), r => (Sid: r.Int64(0), Count: r.Int64(1)), ct)).ToDictionary(c => c.Sid, c => c.Count);
        var (seen, known, unread) = (new Extraction.Seen(), new Dictionary<long, StoredResource>(), new HashSet<long>());
        var expected = new Dictionary<string, (RowSums Sums, ColumnRows Shape)>(StringComparer.Ordinal);
        foreach (var table in Extraction.Tables([]))
            expected[table.Table] = (new(store.Symbols), table);
        for (var at = from; ;)
        {
            var rows = await session.QueryAsync(VerifySql.Resources(store.Dialect, type, at, to, Chunk),
                r => Row(r, codec), ct);
            if (rows.Count == 0)
                break;
            at = rows[^1].Resource.Sid;
            foreach (var row in rows)
            {
                known[row.Resource.Sid] = row.Resource with { Json = default };
                if (row.IsUnreadable)
                    unread.Add(row.Resource.Sid);
                CheckChain(row, changes.GetValueOrDefault(row.Resource.Sid), findings);
            }

            var extracted = await extraction.RunAsync([.. rows.Where(r => !r.IsUnreadable).Select(r => r.Resource)], seen,
                (code, resource, what) => Add(findings, code, resource.Key, what), ct);
            foreach (var table in Extraction.Tables(extracted))
                expected[table.Table].Sums.Add(table);
            foreach (var ((_, of), row) in extracted.Zip(rows.Where(r => !r.IsUnreadable)))
                if (of is null)
                    unread.Add(row.Resource.Sid);
                else if (!row.Resource.IsDeleted && (of.Owners.Count > 0 ? of.Owners[0] : 0) != row.Owner)
                    Add(findings, "owner", row.Resource.Key, $"is stored with owner {row.Owner} and belongs to {(of.Owners.Count > 0 ? of.Owners[0] : 0)}");
        }

        var differing = new Dictionary<long, List<ColumnRows>>();
        foreach (var (name, (sums, shape)) in expected)
        {
            var (actual, sid) = (new RowSums(store.Symbols), shape.Columns.IndexOf("Sid"));
            await session.QueryAsync(VerifySql.Rows(store.Dialect, name, shape.Columns, type, from, to), r =>
            {
                actual.Add(r, shape, sid);
                return 0;
            }, ct);
            foreach (var other in sums.Differing(actual))
                (differing.TryGetValue(other, out var tables) ? tables : differing[other] = []).Add(shape);
        }

        foreach (var (sid, tables) in differing.Where(d => !unread.Contains(d.Key)).OrderBy(d => d.Key).Take(MostFindings))
            await new RowDifference(store, extraction, codec).TellAsync(session, type, sid, known.GetValueOrDefault(sid), tables, findings, repair ? plan : null, ct);
        await CheckTextsAsync(session, type, seen, findings, repair ? plan : null, ct);
    }

    private async Task CheckTextsAsync(IReadSession session, string type, Extraction.Seen seen, List<Finding> findings, CommitPlan? plan, CancellationToken ct)
    {
        foreach (var some in seen.Texts.Chunk(2000))
        {
            var stored = (await session.QueryAsync(VerifySql.Texts(store.Dialect, some.Select(t => t.Key)), r => r.Int64(0), ct)).ToHashSet();
            foreach (var text in some.Where(t => !stored.Contains(t.Key)))
            {
                Add(findings, "text", null, $"A token text that {type} resources use is not stored (hash {text.Key}).");
                plan?.Texts.Add(text);
            }
        }

        // What is contained in a resource has shapes of its own type.
        foreach (var some in seen.Shapes.GroupBy(s => s.Key.Type).SelectMany(g => g.Chunk(2000)))
        {
            var of = some[0].Key.Type;
            var stored = (await session.QueryAsync(VerifySql.Shapes(store.Dialect, ResourceTypes.NameOf(of), some.Select(t => t.Key.Hash)), r => r.Int64(0), ct)).ToHashSet();
            foreach (var ((_, hash), set) in some.Where(t => !stored.Contains(t.Key.Hash)))
            {
                Add(findings, "text", null, $"A set of parameters that {ResourceTypes.NameOf(of)} resources have is not stored (hash {hash}).");
                plan?.Shapes.Add((of, hash, set));
            }
        }
    }

    private static void CheckChain(VerifyRow row, long changes, List<Finding> findings)
    {
        var (resource, before) = (row.Resource, row.Resource.Version - row.First);
        if (row.IsUnreadable)
            Add(findings, "body", resource.Key, "has a body that cannot be decompressed");
        if (row.Older != before || (before > 0 && (row.Least != row.First || row.Greatest != resource.Version - 1)))
            Add(findings, "chain", resource.Key, $"is at version {resource.Version}, but has {row.Older} older versions ({row.Least} to {row.Greatest}){(row.First > 1 ? $" since it was put back as version {row.First}" : "")}");
        if (changes < before + 1)
            Add(findings, "change", resource.Key, $"has {before + 1} versions, of which the change feed knows {changes}");
    }

    private static void Add(List<Finding> findings, string code, ResourceKey? key, string what)
    {
        if (findings.Count < MostFindings)
            findings.Add(new(code, key, key is null ? what : $"{key} {what}."));
    }

    private static VerifyRow Row(IRow row, BodyCodec codec)
    {
        StoredResource resource;
        var isUnreadable = false;
        try
        {
            resource = ResourceRow.Read(row, codec);
        }
        catch (Exception e) when (e is not OperationCanceledException) // whatever the damage: it is told, and the rest goes on
        {
            resource = new(row.Int64(0), new(ResourceTypes.NameOf((int)row.Int64(1)), row.Text(2)), (int)row.Int64(3), default, row.Int64(5) != 0, "PUT", default);
            isUnreadable = true;
        }

        const int More = ResourceRow.Count;
        return new(resource, isUnreadable, row.Int64(More), row.Int64(More + 1), row.Int64(More + 2), row.Int64(More + 3), row.Int64(More + 4));
    }

    private sealed record VerifyRow(StoredResource Resource, bool IsUnreadable, long Owner, long Older, long Least, long Greatest, long First);
}
