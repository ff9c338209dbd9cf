using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>One page of what belongs to any patient, and of what that refers to: a walk along the key, whosever it is.</summary>
internal sealed class EveryCompartment(SqlDialect dialect, BodyCodec codec)
{
    public async Task<CompartmentPage> RunAsync(IReadSession session, CompartmentQuery query, CancellationToken ct)
    {
        var members = new List<StoredResource>();
        if (!query.After.IsInReferred)
        {
            (members, var found) = await new PageBudget(query.MaxBytes).QueryAsync(
                session, CompartmentSql.OfAnyone(dialect, query, query.After.Sid, query.Count + 1), Read, r => r, ct);
            if (members.Count > query.Count)
                members.RemoveAt(query.Count);
            if (found > members.Count)
                return new(null, members, [], new(false, members[^1].Sid));
        }

        var free = query.Count - members.Count;
        var referred = await session.QueryAsync(
            CompartmentSql.ReferredByAnyone(dialect, query, query.After.IsInReferred ? query.After.Sid : 0, free + 1), Read, ct);
        if (referred.Count <= free)
            return new(null, members, referred, null);

        referred.RemoveAt(free);
        return new(null, members, referred, new(true, free > 0 ? referred[^1].Sid : 0));
    }

    private StoredResource Read(IRow row) => ResourceRow.Read(row, codec);
}
