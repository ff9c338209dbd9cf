using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The resources of this server that one resource refers to through a parameter (all parameters when it is null).</summary>
/// <remarks>The index has no way from a resource to its rows, by design: forward references are read from the bodies of the page.</remarks>
internal delegate IEnumerable<ResourceKey> ReferencedKeys(StoredResource resource, Include include);

/// <summary>Brings what the matches of a page include, each resource once, in the snapshot of the search, a page at a time.</summary>
/// <remarks>
/// Which resources are included is found whole each time, as keys; they come in the order of their surrogate keys, which never changes. So a
/// page of them can go on where the last one ended, without state, whatever is written in between.
/// </remarks>
internal sealed class IncludeWalk(SqlDialect dialect, BodyCodec codec, ReferencedKeys? references, AccessPlan access)
{
    private readonly AccessSql reach = new(dialect, access, Interaction.Search);

    /// <summary>Most resources included with one page; the rest comes with the next.</summary>
    public const int MaxIncluded = 1000;

    /// <summary>Most resources that one page of matches may include in all.</summary>
    public const int MaxInAll = 100_000;

    /// <summary>References followed one behind the other (<c>:iterate</c>).</summary>
    private const int MaxRounds = 100;

    /// <param name="after">Surrogate key behind which to begin; 0 for the first page.</param>
    /// <returns>The included resources of this page, and the key of the last one when there are more.</returns>
    /// <exception cref="SearchTooCostlyException">The matches include more than a search may.</exception>
    public async Task<(IReadOnlyList<StoredResource> Included, long? More)> RunAsync(
        IReadSession session, IReadOnlyList<Include> includes, IReadOnlyList<StoredResource> matches, long after, CancellationToken ct)
    {
        var keys = await KeysAsync(session, includes, matches, ct);
        var page = keys.Where(k => k > after).Order().Take(MaxIncluded + 1).ToArray();
        var more = page.Length > MaxIncluded ? page[MaxIncluded - 1] : (long?)null;
        return page.Length == 0
            ? ([], null)
            : (await session.QueryAsync(IncludeSql.BySid(dialect, page.Take(MaxIncluded)), Read, ct), more);
    }

    private async Task<HashSet<long>> KeysAsync(IReadSession session, IReadOnlyList<Include> includes, IReadOnlyList<StoredResource> matches, CancellationToken ct)
    {
        var seen = matches.Select(m => m.Sid).ToHashSet();
        var included = new HashSet<long>();
        IReadOnlyList<Include> iterated = [.. includes.Where(i => i.Iterate)];
        var readsBodies = iterated.Any(i => !i.IsReverse);
        var (frontier, bodies) = (matches.Select(m => (m.Sid, m.Key.Type)).ToList(), matches);
        for (var (round, following) = (0, includes); frontier.Count > 0 && following.Count > 0; round++, following = iterated)
        {
            if (round > MaxRounds)
                throw TooMany($"more than {MaxRounds} references one behind the other");
            var found = new List<(long Sid, string Type)>();
            foreach (var include in following)
            {
                foreach (var next in include.IsReverse ? await ReverseAsync(session, include, frontier, ct) : await ForwardAsync(session, include, bodies, ct))
                    if (seen.Add(next.Sid))
                    {
                        included.Add(next.Sid);
                        found.Add(next);
                    }

                if (included.Count > MaxInAll)
                    throw TooMany($"more than {MaxInAll} resources");
            }

            frontier = found;
            bodies = readsBodies && found.Count > 0 ? await BodiesAsync(session, iterated, found, ct) : [];
        }

        return included;
    }

    /// <summary>Bodies are read for types that an iterated include goes on from, and no others.</summary>
    private async Task<IReadOnlyList<StoredResource>> BodiesAsync(
        IReadSession session, IReadOnlyList<Include> iterated, List<(long Sid, string Type)> found, CancellationToken ct)
    {
        var sources = found.Where(f => iterated.Any(i => !i.IsReverse && (i.SourceType == f.Type || i.SourceType == Include.AnyType))).Select(f => f.Sid).ToArray();
        var bodies = new List<StoredResource>(sources.Length);
        foreach (var some in sources.Chunk(MaxIncluded))
            bodies.AddRange(await session.QueryAsync(IncludeSql.BySid(dialect, some), Read, ct));
        return bodies;
    }

    private async Task<List<(long Sid, string Type)>> ForwardAsync(
        IReadSession session, Include include, IReadOnlyList<StoredResource> sources, CancellationToken ct)
    {
        if (references is null)
            throw new InvalidOperationException("The store was made without a way to read references from bodies.");

        var keys = sources.Where(s => include.SourceType == s.Key.Type || include.SourceType == Include.AnyType)
            .SelectMany(s => references(access.Shown(s, Interaction.Search), include))
            .Where(k => (include.TargetType is null || k.Type == include.TargetType) && access.CanSearch(k.Type))
            .Distinct();
        var found = new List<(long, string)>();
        foreach (var type in keys.GroupBy(k => k.Type))
            foreach (var some in type.Chunk(MaxIncluded))
                found.AddRange(await session.QueryAsync(IncludeSql.ById(dialect, type.Key, some.Select(k => k.Id), reach), Key, ct));
        return found;
    }

    private async Task<List<(long Sid, string Type)>> ReverseAsync(
        IReadSession session, Include include, List<(long Sid, string Type)> targets, CancellationToken ct)
    {
        var sids = targets.Where(t => include.TargetType is null || t.Type == include.TargetType).Select(t => t.Sid).ToArray();
        return sids.Length == 0 ? [] : await session.QueryAsync(IncludeSql.Referring(dialect, include, sids, MaxInAll + targets.Count + 1, reach), Key, ct);
    }

    private static SearchTooCostlyException TooMany(string what) => new(
        $"The matches of this page include {what}. Ask for smaller pages (_count), fewer includes, or follow them in searches of their own.");

    private static (long Sid, string Type) Key(IRow row) => (row.Int64(0), ResourceTypes.NameOf((int)row.Int64(1)));

    private StoredResource Read(IRow row) => ResourceRow.Read(row, codec);
}
