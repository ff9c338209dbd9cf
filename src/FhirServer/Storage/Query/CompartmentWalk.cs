using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>One page of a compartment in one snapshot: first what belongs to it, then what that refers to.</summary>
/// <remarks>
/// The index has no way from a resource to what it refers to, so the second part reads references from the stored bytes. Resources of other
/// patients are never carried along (a Group names many), what belongs to nobody is, and so is what that refers to in turn.
/// </remarks>
internal sealed class CompartmentWalk(SqlDialect dialect, BodyCodec codec)
{
    public async Task<CompartmentPage> RunAsync(IReadSession session, CompartmentQuery query, CancellationToken ct)
    {
        if (query.Anchor is not { } key)
            return await OfAnyoneAsync(session, query, ct);

        var anchors = await session.QueryAsync(CompartmentSql.Anchor(dialect, key), r => (Resource: Read(r), Owner: r.Int64(ResourceRow.Count)), ct);
        if (anchors is not [(var anchor, var owner)] || anchor.IsDeleted)
            return new(anchors is [(var gone, _)] ? gone : null, [], [], null);

        var members = new List<StoredResource>();
        if (!query.After.IsInReferred)
        {
            if (query.After == CompartmentPosition.Start && query.Shows(key.Type) && !(query.Since > anchor.LastUpdated.ToUnixTimeMilliseconds()))
                members.Add(anchor);
            var room = query.Count - members.Count;
            members.AddRange(await session.QueryAsync(CompartmentSql.Page(dialect, query, anchor.Sid, owner, query.After.Sid, room + 1), Read, ct));
            if (members.Count > query.Count)
            {
                members.RemoveAt(query.Count);
                return new(anchor, members, [], members[^1].Sid == anchor.Sid ? CompartmentPosition.AfterAnchor : new(false, members[^1].Sid));
            }
        }

        var all = await ReferredAsync(session, query, anchor, owner, members, ct);
        var rest = all.Where(r => query.Shows(r.Key.Type) && !(query.Since > r.LastUpdated.ToUnixTimeMilliseconds()))
            .Where(r => !query.After.IsInReferred || r.Sid > query.After.Sid).OrderBy(r => r.Sid).ToList();
        var free = query.Count - members.Count;
        if (rest.Count <= free)
            return new(anchor, members, rest, null);

        var shown = rest.GetRange(0, free);
        return new(anchor, members, shown, new(true, free > 0 ? shown[^1].Sid : 0));
    }

    private async Task<IEnumerable<StoredResource>> ReferredAsync(
        IReadSession session, CompartmentQuery query, StoredResource anchor, long owner, List<StoredResource> page, CancellationToken ct)
    {
        var (seen, members, wanted) = (new HashSet<ResourceKey>(), new HashSet<long> { anchor.Sid }, new List<ResourceKey>());
        Scan(Seen(anchor.Key.Type, anchor.Json).Span);
        if (query.ShowsEverything && query.After == CompartmentPosition.Start)
        {
            foreach (var member in page)
                if (members.Add(member.Sid))
                    Scan(Seen(member.Key.Type, member.Json).Span);
        }
        else
        {
            await session.QueryAsync(CompartmentSql.Bodies(dialect, query, anchor.Sid, owner), r =>
            {
                if (members.Add(r.Int64(0)))
                    Scan(Seen(null, codec.Decompress(r.Blob(1))).Span);
                return 0;
            }, ct);
        }

        var found = new List<StoredResource>();
        while (wanted.Count > 0)
        {
            var round = wanted;
            wanted = [];
            foreach (var type in round.GroupBy(k => k.Type))
                foreach (var (resource, of) in await session.QueryAsync(
                    CompartmentSql.Referred(dialect, type.Key, type.Select(k => k.Id), owner, query.Access), r => (Read(r), r.Int64(ResourceRow.Count)), ct))
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

    private async Task<CompartmentPage> OfAnyoneAsync(IReadSession session, CompartmentQuery query, CancellationToken ct)
    {
        var members = new List<StoredResource>();
        if (!query.After.IsInReferred)
        {
            members = await session.QueryAsync(CompartmentSql.OfAnyone(dialect, query, query.After.Sid, query.Count + 1), Read, ct);
            if (members.Count > query.Count)
            {
                members.RemoveAt(query.Count);
                return new(null, members, [], new(false, members[^1].Sid));
            }
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
