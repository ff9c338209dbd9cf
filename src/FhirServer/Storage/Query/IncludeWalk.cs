using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Brings what the matches of a page include, each resource once, in the state of the record that was searched, a page at a time.</summary>
/// <remarks>
/// Which resources are included is found whole each time, as keys; they come in the order of their surrogate keys, which never changes. So a
/// page of them can go on where the last one ended, without state, whatever is written in between.
/// </remarks>
internal sealed class IncludeWalk(IRecordState state, IReferencedTargets? references, ISymbols symbols, AccessPlan access)
{
    private readonly CanonicalTargets? definitions = references is null ? null : new(state, references, symbols);

    /// <summary>Most resources included with one page; the rest comes with the next.</summary>
    public const int MaxIncluded = 1000;

    /// <summary>Most resources that one page of matches may include in all.</summary>
    public const int MaxInAll = 100_000;

    /// <summary>The page these rows make (one row more than it holds: there is another behind it) with what its matches include.</summary>
    public async Task<SearchPage> PageAsync(SearchQuery query, PageRows page, long? total, CancellationToken ct)
    {
        var rows = page.Rows;
        if (rows.Count > query.Count)
            rows.RemoveRange(query.Count, rows.Count - query.Count);
        var next = page.Found > rows.Count && rows.Count > 0 ? rows[^1].Position : null;

        var matches = rows.ConvertAll(r => r.Resource);
        if (query.Includes.Count == 0 || matches.Count == 0)
            return query.Rest is { } gone ? new([], [], null, gone.IsLastPage ? null : gone.Last) : new(matches, [], total, next);

        var (included, more, liesDeeper) = await RunAsync(query, matches, ct);
        var begun = query.Rest ?? new(rows[^1].Position, 0, next is null);
        var rest = more is { } sid ? begun with { Sid = sid } : null;
        var answer = query.Rest is null ? new SearchPage(matches, included, total, next) : new([], included, null, begun.IsLastPage ? null : begun.Last);
        return answer with { Rest = rest, LiesDeeper = liesDeeper };
    }

    /// <returns>The included resources of this page, the key of the last one when there are more, and whether <c>:iterate</c> would go on.</returns>
    /// <exception cref="SearchTooCostlyException">The matches include more than a search may.</exception>
    private async Task<(IReadOnlyList<StoredResource> Included, long? More, bool LiesDeeper)> RunAsync(SearchQuery query, IReadOnlyList<StoredResource> matches, CancellationToken ct)
    {
        var (keys, liesDeeper) = await KeysAsync(query, matches, ct);
        var after = query.Rest?.Sid ?? 0;
        var page = keys.Where(k => k > after).Order().Take(MaxIncluded + 1).ToArray();
        if (page.Length == 0)
            return ([], null, liesDeeper);
        var (included, found) = await state.BySidAsync(page.Take(MaxIncluded), new PageBudget(query.MaxBytes), ct);
        var more = found > included.Count ? included[^1].Sid : page.Length > MaxIncluded ? page[MaxIncluded - 1] : (long?)null;
        return (included, more, liesDeeper);
    }

    /// <remarks>One round more than allowed is looked at, and nothing of it taken, so that the answer can say that it ends too early.</remarks>
    private async Task<(HashSet<long> Keys, bool LiesDeeper)> KeysAsync(SearchQuery query, IReadOnlyList<StoredResource> matches, CancellationToken ct)
    {
        var seen = matches.Select(m => m.Sid).ToHashSet();
        var included = new HashSet<long>();
        IReadOnlyList<Include> iterated = [.. query.Includes.Where(i => i.Iterate)];
        var readsBodies = iterated.Any(i => !i.IsReverse);
        var (frontier, bodies) = (matches.Select(m => (m.Sid, m.Key.Type)).ToList(), matches);
        for (var (round, following) = (0, query.Includes); frontier.Count > 0 && following.Count > 0; round++, following = iterated)
        {
            var isBeyond = round > query.MaxIterations;
            var found = new List<(long Sid, string Type)>();
            foreach (var include in following)
            {
                foreach (var next in include.IsReverse ? await ReverseAsync(include, frontier, isBeyond ? seen.Count + 1 : MaxInAll + frontier.Count + 1, ct)
                    : await ForwardAsync(include, bodies, ct))
                {
                    if (!seen.Add(next.Sid))
                        continue;
                    if (isBeyond)
                        return (included, true);
                    included.Add(next.Sid);
                    found.Add(next);
                }

                if (included.Count > MaxInAll)
                    throw TooMany();
            }

            frontier = found;
            bodies = readsBodies && found.Count > 0 ? await BodiesAsync(iterated, found, ct) : [];
        }

        return (included, false);
    }

    /// <summary>Bodies are read for types that an iterated include goes on from, and no others.</summary>
    private async Task<IReadOnlyList<StoredResource>> BodiesAsync(IReadOnlyList<Include> iterated, List<(long Sid, string Type)> found, CancellationToken ct)
    {
        var sources = found.Where(f => iterated.Any(i => !i.IsReverse && (i.SourceType == f.Type || i.SourceType == Include.AnyType))).Select(f => f.Sid).ToArray();
        var bodies = new List<StoredResource>(sources.Length);
        foreach (var some in sources.Chunk(MaxIncluded))
            bodies.AddRange((await state.BySidAsync(some, PageBudget.Unlimited, ct)).Kept);
        return bodies;
    }

    private async Task<List<(long Sid, string Type)>> ForwardAsync(Include include, IReadOnlyList<StoredResource> sources, CancellationToken ct)
    {
        if (references is null || definitions is null)
            throw new InvalidOperationException("The store was made without a way to read references from bodies.");

        var targets = sources.Where(s => include.SourceType == s.Key.Type || include.SourceType == Include.AnyType)
            .SelectMany(s => references.Of(access.Shown(s, Interaction.Search), include)).ToList();
        var found = new List<(long, string)>();
        foreach (var type in targets.Where(t => t is { Url: null, Version: null }).Select(t => t.Key!.Value).Where(k => (include.TargetType is null || k.Type == include.TargetType) && access.CanSearch(k.Type)).Distinct().GroupBy(k => k.Type))
            foreach (var some in type.Chunk(MaxIncluded))
                found.AddRange(await state.ByIdAsync(type.Key, some.Select(k => k.Id), ct));
        var canonicals = targets.FindAll(t => t.Url is not null || t.Version is not null);
        if (canonicals.Count > 0)
            found.AddRange(await definitions.ResolveAsync(canonicals, include.TargetType, ct));
        return found;
    }

    private async Task<List<(long Sid, string Type)>> ReverseAsync(Include include, List<(long Sid, string Type)> targets, int limit, CancellationToken ct)
    {
        var wanted = targets.FindAll(t => include.TargetType is null || t.Type == include.TargetType);
        var sids = wanted.ConvertAll(t => t.Sid);
        if (definitions is not null && (include.Param is null || references!.MayBeCanonical(include.Param)))
            sids.AddRange(await definitions.NamesOfAsync(wanted, ct));
        return sids.Count == 0 ? [] : await state.ReferringAsync(include, sids, limit, ct);
    }

    private static SearchTooCostlyException TooMany() => new(
        $"The matches of this page include more than {MaxInAll} resources. Ask for smaller pages (_count), fewer includes, or follow them in searches of their own.");
}
