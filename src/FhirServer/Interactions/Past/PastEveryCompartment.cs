using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>One page of what belonged to any patient at an instant, and of what that referred to: <see cref="EveryCompartment"/> of then.</summary>
internal sealed class PastEveryCompartment(SqlDialect dialect, BodyCodec codec, IReadSession session, PastChanges changes)
{
    private const int Chunk = 1000;

    public async Task<CompartmentPage> RunAsync(CompartmentQuery query, CancellationToken ct)
    {
        var changed = await changes.OfAsync([], ct);
        bool IsShown(PastResource r) => query.Shows(r.Resource.Key.Type) && !(query.Since > r.Updated);
        var members = new List<StoredResource>();
        if (!query.After.IsInReferred)
        {
            var after = query.After.Sid;
            var (kept, found) = await new PageBudget(query.MaxBytes).QueryAsync(session, CompartmentSql.OfAnyone(dialect, query, after, query.Count + 1), Read, r => r, ct);
            var owned = changed.Where(r => r.Sid > after && r.Owner != 0 && IsShown(r) && (query.Dates is not { } dates || r.IsIn(dates, r.Owner))).Select(r => r.Resource);
            var page = PageBudget.Merge(new(kept, found), owned, query.Count);
            members = page.Kept;
            if (page.Found > members.Count)
                return new(null, members, [], new(false, members[^1].Sid));
        }

        var free = query.Count - members.Count;
        var behind = query.After.IsInReferred ? query.After.Sid : 0;
        var parameters = query.References.ToHashSet();
        var targets = changed.Where(r => r.Owner != 0).SelectMany(r => r.Rows.References).Where(r => r.Target > 0 && parameters.Contains(r.Param)).Select(r => r.Target).ToHashSet();
        var now = await session.QueryAsync(CompartmentSql.ReferredByAnyone(dialect, query, behind, free + 1, [.. targets]), Read, ct);
        var then = changed.Where(r => r.Sid > behind && r.Owner == 0 && IsShown(r)).ToList();
        foreach (var some in then.Select(r => r.Sid).Where(s => !targets.Contains(s)).Chunk(Chunk))
            targets.UnionWith(await session.QueryAsync(CompartmentSql.ReferredOf(dialect, query, some), r => r.Int64(0), ct));

        var referred = now.Concat(then.Where(r => targets.Contains(r.Sid)).Select(r => r.Resource)).OrderBy(r => r.Sid).Take(free + 1).ToList();
        if (referred.Count <= free)
            return new(null, members, referred, null);

        referred.RemoveAt(free);
        return new(null, members, referred, new(true, free > 0 ? referred[^1].Sid : 0));
    }

    private StoredResource Read(IRow row) => ResourceRow.Read(row, codec);
}
