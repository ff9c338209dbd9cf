using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The compartment of a resource at an instant: what has not changed since as it is now, the rest as it was.</summary>
/// <param name="unchanged">The current versions that were current then.</param>
/// <param name="anchor">The resource at the instant, with its owner of then; null when there was none.</param>
internal sealed class PastCompartment(CurrentCompartment unchanged, PastChanges changes, OwnedResource? anchor) : ICompartmentState
{
    public ValueTask<OwnedResource?> AnchorAsync(ResourceKey key, CancellationToken ct) => new(anchor);

    public async ValueTask<Fitting> MembersAsync(CompartmentQuery query, OwnedResource anchor, long after, int count, PageBudget budget, CancellationToken ct)
    {
        var changed = (await ChangedAsync(query, query.Members, anchor, ct)).Where(r => r.Sid > after && !(query.Since > r.Updated)).Select(r => r.Resource);
        return PageBudget.Merge(await unchanged.MembersAsync(query, anchor, after, count, budget, ct), changed, count);
    }

    public async ValueTask BodiesAsync(CompartmentQuery query, OwnedResource anchor, Action<long, Func<ReadOnlyMemory<byte>>> body, CancellationToken ct)
    {
        await unchanged.BodiesAsync(query, anchor, body, ct);
        foreach (var member in await ChangedAsync(query, query.AllMembers, anchor, ct))
            body(member.Sid, () => member.Resource.Json);
    }

    public async ValueTask<List<OwnedResource>> ReferredAsync(string type, IReadOnlyList<string> ids, long owner, CancellationToken ct)
    {
        var found = await unchanged.ReferredAsync(type, ids, owner, ct);
        found.AddRange((await changes.NamedAsync(type, ids, ct)).Where(r => r.Owner == 0 || r.Owner == owner).Select(r => new OwnedResource(r.Resource, r.Owner)));
        return found;
    }

    private async ValueTask<IEnumerable<PastResource>> ChangedAsync(CompartmentQuery query, IReadOnlyList<int> members, OwnedResource anchor, CancellationToken ct)
    {
        var (target, parameters) = (anchor.Resource.Sid, members.ToHashSet());
        return (await changes.OfAsync(query.AllTypes, ct)).Where(r => r.Sid != target
            && r.Rows.References.Exists(x => x.Target == target && parameters.Contains(x.Param)) && (query.Dates is not { } dates || r.IsIn(dates, anchor.Owner)));
    }
}
