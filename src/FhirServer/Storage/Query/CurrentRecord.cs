using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The current versions in one snapshot.</summary>
/// <param name="asOf">Only those that were current at that instant already (milliseconds since 1970 UTC).</param>
internal sealed class CurrentRecord(SqlDialect dialect, BodyCodec codec, IReadSession session, AccessPlan access, long? asOf = null) : IRecordState
{
    private readonly AccessSql reach = new(dialect, access, Interaction.Search);

    public ValueTask<List<(long Sid, string Type)>> ByIdAsync(string type, IEnumerable<string> ids, CancellationToken ct) =>
        session.QueryAsync(IncludeSql.ById(dialect, type, ids, reach, asOf), Key, ct);

    public ValueTask<List<(long Sid, string Type)>> ReferringAsync(Include include, IReadOnlyList<long> targets, int limit, CancellationToken ct) =>
        session.QueryAsync(IncludeSql.Referring(dialect, include, targets, limit, reach, asOf), Key, ct);

    public ValueTask<List<long>> ByUrlAsync(SearchParam url, IReadOnlyList<string> urls, CancellationToken ct) =>
        session.QueryAsync(IncludeSql.ByUrl(dialect, url, urls, reach, asOf), r => r.Int64(0), ct);

    public async ValueTask<Fitting> BySidAsync(IEnumerable<long> sids, PageBudget budget, CancellationToken ct)
    {
        var (kept, found) = await budget.QueryAsync(session, IncludeSql.BySid(dialect, sids, asOf), r => ResourceRow.Read(r, codec), r => r, ct);
        return new(kept, found);
    }

    private static (long Sid, string Type) Key(IRow row) => (row.Int64(0), ResourceTypes.NameOf((int)row.Int64(1)));
}
