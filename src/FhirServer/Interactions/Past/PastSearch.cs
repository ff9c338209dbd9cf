using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>Reads, searches and compartments with <c>_asOf</c>.</summary>
/// <remarks>
/// What is current now and was then is found by the index of now. What changed since is read from the history, extracted again and compared in
/// memory; both are merged in order. So the cost is that of the search and of what changed, and the past itself never changes: pages go on where
/// they ended without state. What was purged is in no answer.
/// </remarks>
internal sealed class PastSearch(
    IResourceStore store, ResourceIndexer indexer, ReferenceReader references, LocalAddress address, BodyCodec codec, SearchParser parser, SearchParameters parameters,
    IReferenceLookup lookup, TerminologyService terminology, SearchLimits limits, WriteClock writes, TimeProvider clock) : IPast
{
    /// <summary>A write that got its instant longer ago than this has ended, one way or the other.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    public async Task<DateTimeOffset> SettleAsync(DateTimeOffset asked, CancellationToken ct)
    {
        if (asked < clock.GetUtcNow() - Settled)
            return asked;
        var horizon = DateTimeOffset.FromUnixTimeMilliseconds(await writes.HorizonAsync(ct));
        return asked < horizon ? asked : horizon;
    }

    public async Task<StoredResource?> ReadAsync(ResourceKey key, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        var page = await store.HistoryAsync(new(key.Type, key.Id, 1, null, instant, null) { Under = Interaction.Read }, access, ct);
        return page.Versions is [var found, ..] ? found : null;
    }

    public SearchParser ParserAt(DateTimeOffset instant, AccessPlan access)
    {
        var then = new PastClock(instant);
        return parser.At(new PastReferences(lookup, this, instant, access), new ConceptLookup(terminology, new PastDefinitions(this, parameters, instant), then), then);
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        query = QueryBounds.Unfiltered(query, access);
        await using var session = await store.OpenAsync(access, ct);
        var changes = Changes(session, instant, query.MaxScanned, access);
        var conditions = new PastConditions(store, session, changes, access, query.MaxScanned);
        var unchanged = query with
        {
            Where = await conditions.UnchangedAsync(query.Types, query.Where, ct),
            Total = query.Rest is null ? query.Total : TotalMode.None,
            Includes = [],
            Rest = null,
        };
        var (page, total) = await store.MatchesAsync(session, unchanged, access, ct);
        var rows = page.Rows;
        var isCut = page.Found > rows.Count && rows.Count > 0;
        var changed = await conditions.ChangedAsync(query.Types, query.Where, ct);
        if (query.Count > 0 && changed.Count > 0)
        {
            var order = new PastOrder(query.Sort, changes.Context, store.Dialect);
            var end = isCut ? rows[^1].Resource.Sid : 0; // behind it there is more that has not been read
            rows.AddRange(changed.Select(order.Row).Where(r => query.After is null || order.IsBehind(r, query.After)));
            rows.Sort(order);
            var last = isCut ? rows.FindIndex(r => r.Resource.Sid == end) : rows.Count - 1;
            rows.RemoveRange(last + 1, rows.Count - last - 1);
            page = new(rows, isCut ? rows.Count + 1L : rows.Count);
        }

        var walk = new IncludeWalk(new PastIncludes(new CurrentRecord(store.Dialect, codec, session, access, changes.Instant), changes, indexer, parameters, access), references, store.Symbols, access);
        var answer = await walk.PageAsync(query, page, total + changed.Count, ct);
        return !access.HasMasks ? answer : answer with
        {
            Matches = [.. answer.Matches.Select(m => access.Shown(m, Interaction.Search))],
            Included = [.. answer.Included.Select(m => access.Shown(m, Interaction.Search))],
        };
    }

    public async Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        // As of now: without an anchor everybody's resources say what they refer to, and elements that are withheld must not.
        if (query.Anchor is null && access.HasMasks)
            throw new AccessRefusedException("$everything of all patients is for those from whom no element is withheld: ask for one patient at a time.");
        if (query.Anchor is { } named && !access.IsEverything && await ReadAsync(named, instant, access, ct) is var seen && seen is not { IsDeleted: false })
            return new(seen, [], [], null);

        await using var session = await store.OpenAsync(access, ct);
        var changes = Changes(session, instant, limits.MaxScanned, access);
        query = query with { AsOf = changes.Instant, Access = access.IsEverything ? null : access };
        if (query.Anchor is not { } key)
            return await new PastEveryCompartment(store.Dialect, codec, session, changes).RunAsync(query, ct);

        var unchanged = new CurrentCompartment(store.Dialect, codec, session, query.Access, changes.Instant);
        var anchor = await AnchorAsync(key, session, unchanged, changes, ct);
        var page = await new CompartmentWalk(new PastCompartment(unchanged, changes, anchor)).RunAsync(query, ct);
        return !access.HasMasks ? page : page with
        {
            Anchor = page.Anchor is null ? null : access.Shown(page.Anchor, Interaction.Read),
            Members = [.. page.Members.Select(m => access.Shown(m, Interaction.Search))],
            Referred = [.. page.Referred.Select(r => access.Shown(r, Interaction.Search))],
        };
    }

    public ValueTask<SearchExpression> StableAsync(IReadSession session, SearchExpression where, DateTimeOffset instant, AccessPlan access, CancellationToken ct) =>
        new PastConditions(store, session, Changes(session, instant, int.MaxValue, access), access, int.MaxValue).StableAsync(where, ct);

    public async Task<IReadOnlyList<StoredResource>> MatchingAsync(
        IReadSession session, IReadOnlyList<StoredResource> versions, SearchExpression? where, bool owned, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        if (versions.Count == 0 || (where is null && !owned))
            return versions;
        var changes = Changes(session, instant, int.MaxValue, access);
        var all = await changes.ExtractAsync(versions, ct);
        var matching = where is null ? all : await new PastConditions(store, session, changes, access, int.MaxValue).AmongAsync(all, where, ct);
        return [.. matching.Where(r => !owned || r.Owner != 0).Select(r => r.Resource)];
    }

    private PastChanges Changes(IReadSession session, DateTimeOffset instant, int most, AccessPlan access) =>
        new(store, session, indexer, address, codec, access, instant.ToUnixTimeMilliseconds(), most);

    private async Task<OwnedResource?> AnchorAsync(ResourceKey key, IReadSession session, CurrentCompartment current, PastChanges changes, CancellationToken ct)
    {
        if (await current.AnchorAsync(key, ct) is not { } now)
            return null;
        if (now.Resource.LastUpdated.ToUnixTimeMilliseconds() <= changes.Instant)
            return now;

        var query = new HistoryQuery(key.Type, key.Id, 1, null, DateTimeOffset.FromUnixTimeMilliseconds(changes.Instant), null);
        return await session.QueryAsync(HistorySql.Page(store.Dialect, query), r => ResourceRow.Read(r, codec), ct) switch
        {
            [] => null,
            [{ IsDeleted: true } gone, ..] => new(gone, 0),
            [var then, ..] => new(then, (await changes.ExtractAsync(then, ct)).Owner),
        };
    }
}
