using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A compartment of current versions in one snapshot; with an instant, of those that have not changed since then.</summary>
/// <param name="access">Bounds what is referred to; null for all of it.</param>
/// <param name="asOf">That instant (milliseconds since 1970 UTC), which is then that of the queries, too.</param>
internal sealed class CurrentCompartment(SqlDialect dialect, BodyCodec codec, IReadSession session, AccessPlan? access = null, long? asOf = null) : ICompartmentState
{
    public async ValueTask<OwnedResource?> AnchorAsync(ResourceKey key, CancellationToken ct) =>
        await session.QueryAsync(CompartmentSql.Anchor(dialect, key), Owned, ct) is [var anchor] ? anchor : null;

    public async ValueTask<Fitting> MembersAsync(CompartmentQuery query, OwnedResource anchor, long after, int count, PageBudget budget, CancellationToken ct)
    {
        var (kept, found) = await budget.QueryAsync(session, CompartmentSql.Page(dialect, query, anchor.Resource.Sid, anchor.Owner, after, count), r => ResourceRow.Read(r, codec), r => r, ct);
        return new(kept, found);
    }

    public async ValueTask BodiesAsync(CompartmentQuery query, OwnedResource anchor, Action<long, Func<ReadOnlyMemory<byte>>> body, CancellationToken ct) =>
        await session.QueryAsync(CompartmentSql.Bodies(dialect, query, anchor.Resource.Sid, anchor.Owner), r =>
        {
            body(r.Int64(0), () => codec.Decompress(r.Blob(1)));
            return 0;
        }, ct);

    public ValueTask<List<OwnedResource>> ReferredAsync(string type, IReadOnlyList<string> ids, long owner, CancellationToken ct) =>
        session.QueryAsync(CompartmentSql.Referred(dialect, type, ids, owner, asOf, access), Owned, ct);

    private OwnedResource Owned(IRow row) => new(ResourceRow.Read(row, codec), row.Int64(ResourceRow.Count));
}
