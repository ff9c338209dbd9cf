using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Which definition a canonical names: of those with its URL the one with its version; without a version the newest (references.html#canonical).</summary>
internal sealed class CanonicalTargets(IRecordState state, IReferencedTargets references, ISymbols symbols)
{
    /// <summary>Definitions looked up at once.</summary>
    private const int Chunk = 50;

    /// <param name="onlyType">The one type wanted; null for all that a canonical may name.</param>
    public async Task<List<(long Sid, string Type)>> ResolveAsync(IReadOnlyList<ReferencedTarget> canonicals, string? onlyType, CancellationToken ct)
    {
        var found = new List<(long, string)>();
        foreach (var named in canonicals.Where(c => c.Key is not null).GroupBy(c => c.Key!.Value))
            if (onlyType is null || onlyType == named.Key.Type)
                foreach (var definition in await ReadAsync((await state.ByIdAsync(named.Key.Type, [named.Key.Id], ct)).Select(d => d.Sid), ct))
                    if (named.Any(c => c.Version == definition.Version))
                        found.Add((definition.Sid, named.Key.Type));

        foreach (var type in canonicals.Where(c => c.Url is not null).SelectMany(c => c.Types.Select(t => (Type: t, c.Url, c.Version))).Where(c => onlyType is null || c.Type == onlyType).GroupBy(c => c.Type))
        {
            var definitions = await OfUrlsAsync(type.Key, type.Select(c => c.Url!), ct);
            foreach (var (_, url, version) in type.Distinct())
                if (Choose(definitions[url!], version) is { } chosen)
                    found.Add((chosen.Sid, type.Key));
        }

        return found;
    }

    /// <summary>What stands in the reference index where others name these resources by a canonical.</summary>
    public async Task<IReadOnlyList<long>> NamesOfAsync(IEnumerable<(long Sid, string Type)> resources, CancellationToken ct)
    {
        var names = new List<string>();
        foreach (var type in resources.GroupBy(r => r.Type).Where(t => references.UrlOf(t.Key) is not null))
            foreach (var some in type.Chunk(Chunk))
            {
                var wanted = await ReadAsync(some.Select(r => r.Sid), ct);
                var all = await OfUrlsAsync(type.Key, wanted.Select(d => d.Url).OfType<string>(), ct);
                foreach (var definition in wanted)
                {
                    names.Add(CanonicalForm.Of($"{definition.Key}|"));
                    if (definition.Version is { } own)
                        names.Add(CanonicalForm.Of($"{definition.Key}|{own}"));
                    if (definition is { Url: { } url, Version: { } version } && Choose(all[url], version)?.Sid == definition.Sid)
                        names.Add($"{url}|{version}");
                    if (definition.Url is { } newest && Choose(all[newest], null)?.Sid == definition.Sid)
                        names.Add(newest + "|");
                }
            }

        return names.ConvertAll(n => ExternalTarget.Of(symbols, n));
    }

    private static Definition? Choose(IEnumerable<Definition> definitions, string? version) => definitions.Where(d => version is null || d.Version == version)
        .OrderByDescending(d => d.Version ?? "", BusinessVersions.Order).ThenByDescending(d => d.LastUpdated).ThenByDescending(d => d.Sid).FirstOrDefault();

    private async Task<ILookup<string, Definition>> OfUrlsAsync(string type, IEnumerable<string> urls, CancellationToken ct)
    {
        var found = new List<Definition>();
        if (references.UrlOf(type) is { } url)
            foreach (var some in urls.Distinct().Chunk(Chunk))
                found.AddRange(await ReadAsync(await state.ByUrlAsync(url, [.. some.Select(UriIndexer.Cut)], ct), ct));
        return found.DistinctBy(d => d.Sid).ToLookup(d => d.Url ?? "", StringComparer.Ordinal);
    }

    private async Task<List<Definition>> ReadAsync(IEnumerable<long> sids, CancellationToken ct) => (await state.BySidAsync(sids, PageBudget.Unlimited, ct)).Kept.ConvertAll(r =>
    {
        var root = (FhirJsonReader.Read(r.Json, out _) ?? throw new InvalidDataException($"The stored body of {r.Key} cannot be read; run the doctor.")).Root;
        return new Definition(r.Sid, r.Key, root.TextOf("url"), root.TextOf("version"), r.LastUpdated);
    });

    private sealed record Definition(long Sid, ResourceKey Key, string? Url, string? Version, DateTimeOffset LastUpdated);
}
