using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The resources of this server that one resource refers to through a parameter (all parameters when it is null).</summary>
/// <remarks>The index has no way from a resource to its rows, by design: forward references are read from the bodies of the page.</remarks>
internal delegate IEnumerable<ResourceKey> ReferencedKeys(StoredResource resource, Include include);

/// <summary>Brings what the matches of a page include, each resource once, in the snapshot of the search.</summary>
internal sealed class IncludeWalk(SqlDialect dialect, BodyCodec codec, ReferencedKeys? references)
{
    /// <summary>Most resources included with one page; beyond it the page says that it was cut.</summary>
    public const int MaxIncluded = 1000;

    public async Task<(IReadOnlyList<StoredResource> Included, bool IsCut)> RunAsync(
        IReadSession session, IReadOnlyList<Include> includes, IReadOnlyList<StoredResource> matches, CancellationToken ct)
    {
        var seen = matches.Select(m => m.Sid).ToHashSet();
        var included = new List<StoredResource>();
        var frontier = matches;
        for (var round = includes; frontier.Count > 0 && round.Count > 0; round = [.. includes.Where(i => i.Iterate)])
        {
            var found = new List<StoredResource>();
            foreach (var include in round)
            {
                var next = include.IsReverse ? await ReverseAsync(session, include, frontier, ct) : await ForwardAsync(session, include, frontier, ct);
                foreach (var resource in next)
                    if (seen.Add(resource.Sid))
                    {
                        if (included.Count == MaxIncluded)
                            return (included, true);
                        included.Add(resource);
                        found.Add(resource);
                    }
            }

            frontier = found;
        }

        return (included, false);
    }

    private async Task<List<StoredResource>> ForwardAsync(
        IReadSession session, Include include, IReadOnlyList<StoredResource> sources, CancellationToken ct)
    {
        if (references is null)
            throw new InvalidOperationException("The store was made without a way to read references from bodies.");

        var keys = sources.Where(s => include.SourceType == s.Key.Type || include.SourceType == "*")
            .SelectMany(s => references(s, include))
            .Where(k => include.TargetType is null || k.Type == include.TargetType)
            .Distinct();
        var found = new List<StoredResource>();
        foreach (var type in keys.GroupBy(k => k.Type))
            found.AddRange(await session.QueryAsync(SearchSql.ById(dialect, type.Key, type.Select(k => k.Id)), Read, ct));
        return found;
    }

    private async Task<List<StoredResource>> ReverseAsync(
        IReadSession session, Include include, IReadOnlyList<StoredResource> targets, CancellationToken ct)
    {
        var sids = targets.Where(t => include.TargetType is null || t.Key.Type == include.TargetType).Select(t => t.Sid).ToArray();
        return sids.Length == 0 ? [] : await session.QueryAsync(SearchSql.Referring(dialect, include, sids, MaxIncluded + targets.Count + 1), Read, ct);
    }

    private StoredResource Read(IRow row) => ResourceRow.Read(row, codec);
}
