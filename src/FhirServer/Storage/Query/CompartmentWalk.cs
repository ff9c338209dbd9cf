using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>One page of the compartment of one resource: first what belongs to it, then what that refers to.</summary>
/// <remarks>
/// The index has no way from a resource to what it refers to, so the second part reads references from the stored bytes. Resources of other
/// patients are never carried along (a Group names many), what belongs to nobody is, and so is what that refers to in turn.
/// </remarks>
internal sealed class CompartmentWalk(ICompartmentState state)
{
    public async Task<CompartmentPage> RunAsync(CompartmentQuery query, CancellationToken ct)
    {
        var key = query.Anchor ?? throw new ArgumentException("A compartment is that of a resource.", nameof(query));
        if (await state.AnchorAsync(key, ct) is not { } found)
            return new(null, [], [], null);
        var anchor = found.Resource;
        if (anchor.IsDeleted)
            return new(anchor, [], [], null);

        var members = new List<StoredResource>();
        if (!query.After.IsInReferred)
        {
            if (query.After == CompartmentPosition.Start && query.Shows(key.Type) && !(query.Since > anchor.LastUpdated.ToUnixTimeMilliseconds()))
                members.Add(anchor);
            var room = query.Count - members.Count;
            var budget = new PageBudget(query.MaxBytes);
            var page = await state.MembersAsync(query, found, query.After.Sid, room + 1, budget, ct);
            members.AddRange(page.Kept.Take(room));
            if (page.Found > room || page.Found > page.Kept.Count)
                return new(anchor, members, [], members[^1].Sid == anchor.Sid ? CompartmentPosition.AfterAnchor : new(false, members[^1].Sid));
        }

        var all = await ReferredAsync(query, found, members, ct);
        var rest = all.Where(r => query.Shows(r.Key.Type) && !(query.Since > r.LastUpdated.ToUnixTimeMilliseconds()))
            .Where(r => !query.After.IsInReferred || r.Sid > query.After.Sid).OrderBy(r => r.Sid).ToList();
        var free = query.Count - members.Count;
        if (rest.Count <= free)
            return new(anchor, members, rest, null);

        var shown = rest.GetRange(0, free);
        return new(anchor, members, shown, new(true, free > 0 ? shown[^1].Sid : 0));
    }

    private async Task<IEnumerable<StoredResource>> ReferredAsync(CompartmentQuery query, OwnedResource anchor, List<StoredResource> page, CancellationToken ct)
    {
        var (seen, members, wanted) = (new HashSet<ResourceKey>(), new HashSet<long> { anchor.Resource.Sid }, new List<ResourceKey>());
        Scan(Seen(anchor.Resource.Key.Type, anchor.Resource.Json).Span);
        if (query.ShowsEverything && query.After == CompartmentPosition.Start)
        {
            foreach (var member in page)
                if (members.Add(member.Sid))
                    Scan(Seen(member.Key.Type, member.Json).Span);
        }
        else
        {
            await state.BodiesAsync(query, anchor, (sid, body) =>
            {
                if (members.Add(sid))
                    Scan(Seen(null, body()).Span);
            }, ct);
        }

        var found = new List<StoredResource>();
        while (wanted.Count > 0)
        {
            var round = wanted;
            wanted = [];
            foreach (var type in round.GroupBy(k => k.Type))
                foreach (var (resource, of) in await state.ReferredAsync(type.Key, [.. type.Select(k => k.Id)], anchor.Owner, ct))
                    if (!IsClosed(resource) && members.Add(resource.Sid))
                    {
                        found.Add(resource);
                        if (of == 0)
                            Scan(Seen(resource.Key.Type, resource.Json).Span);
                    }
        }

        return found;

        // Elements that are withheld lead nowhere.
        ReadOnlyMemory<byte> Seen(string? type, ReadOnlyMemory<byte> json) => query.Access is { HasMasks: true } access ? access.Shown(type, json, Interaction.Search) : json;

        // What a Binary belongs to is decided one by one (S-38): here only one that says nothing of it, and that something seen refers to.
        bool IsClosed(StoredResource resource) => query.Access is not null && resource.Key.Type == "Binary" && resource.Json.Span.IndexOf("\"securityContext\""u8) >= 0;

        void Scan(ReadOnlySpan<byte> json)
        {
            foreach (var key in ReferenceScan.Of(json))
                if (seen.Add(key))
                    wanted.Add(key);
        }
    }
}
