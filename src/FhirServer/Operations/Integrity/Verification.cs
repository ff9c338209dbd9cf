using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Verifies a resource, a type or the whole store stretch by stretch; the engine's own check comes first.</summary>
internal sealed class Verification(IResourceStore store, ResourceIndexer indexer, BodyCodec codec, LocalAddress address)
{
    /// <summary>Resources of one window: their sums are in memory at once, and each window reads the type's index once.</summary>
    public const int WindowSize = 20_000;

    private readonly StoreVerifier verifier = new(store, indexer, codec, address);

    /// <param name="type">Null for the whole store.</param>
    /// <param name="most">Resources after which to stop and answer a checkpoint.</param>
    public async Task<VerifyPage> RunAsync(string? type, ResourceKey? only, VerifyPoint? from, int most, bool repair, CancellationToken ct)
    {
        var findings = new List<Finding>();
        if (type is null && from is null)
            findings.AddRange(await WholeStoreAsync(ct));

        var done = 0L;
        var types = type is null ? ResourceTypes.All.OrderBy(t => ResourceTypes.NumberOf(t)).ToArray() : [type];
        foreach (var each in from is null ? types : types.SkipWhile(t => t != from.Type))
        {
            for (var point = from?.Type == each ? from : new VerifyPoint(each, 0); point is not null;)
            {
                if (done >= most)
                    return new(done, findings, point);
                var page = await verifier.WindowAsync(each, point.Sid, (int)Math.Min(WindowSize, most - done), only, repair, ct);
                findings.AddRange(page.Findings);
                done += page.Checked;
                point = page.Next;
            }
        }

        return new(done, findings, null);
    }

    private async Task<List<Finding>> WholeStoreAsync(CancellationToken ct)
    {
        var findings = new List<Finding>();
        await using var session = await store.SnapshotAsync(SystemPlans.Integrity, ct);
        if (store.Dialect.EngineCheck is { } check)
            findings.AddRange((await session.QueryAsync(new(check, []), r => r.Text(0), ct)).Where(t => t != "ok").Select(t => new Finding("engine", null, t)));
        if ((await session.QueryAsync(VerifySql.BadAnchors(store.Dialect), r => r.Int64(0), ct))[0] is var bad and > 0)
            findings.Add(new("anchor", null, $"{bad} reserved keys or old versions belong to no resource."));
        foreach (var table in StoreModel.IndexTables)
            if ((await session.QueryAsync(VerifySql.UnknownParameters(store.Dialect, table), r => r.Int64(0), ct))[0] is var rows and > 0)
                findings.Add(new("index", null, $"{rows} rows of {table} belong to a search parameter that the store does not know."));
        return findings;
    }
}
