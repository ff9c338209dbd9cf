using FhirEmr.FhirServer.Resources;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Search.Concepts;

/// <summary>The definitions one search needs, read from the store ahead: what is written by now, or was at the instant asked about, counts. Packages speak for the rest.</summary>
internal sealed class KeptDefinitions : ICanonicalSource
{
    private const int MaxResources = 500; // value sets that import value sets
    private readonly Dictionary<(string Type, string Canonical), ReadOnlyMemory<byte>?> kept = [];
    private readonly IDefinitions definitions;
    private readonly ICanonicalSource others;

    private KeptDefinitions(IDefinitions definitions, ICanonicalSource others) => (this.definitions, this.others) = (definitions, others);

    public long Generation => 0;

    public static async ValueTask<KeptDefinitions> OfValueSetAsync(string canonical, IDefinitions definitions, ICanonicalSource others, CancellationToken ct)
    {
        var source = new KeptDefinitions(definitions, others);
        await source.ReadValueSetAsync(canonical, ct);
        return source;
    }

    public static async ValueTask<KeptDefinitions> OfSystemAsync(string system, IDefinitions definitions, ICanonicalSource others, CancellationToken ct)
    {
        var source = new KeptDefinitions(definitions, others);
        await source.ReadAsync("CodeSystem", system, ct);
        return source;
    }

    public ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version) =>
        kept.GetValueOrDefault((resourceType, version is null ? url : $"{url}|{version}")) ?? others.Find(resourceType, url, version);

    private async ValueTask ReadValueSetAsync(string canonical, CancellationToken ct)
    {
        var open = new Queue<string>([canonical]);
        while (open.TryDequeue(out var next) && kept.Count < MaxResources)
        {
            if (next.IndexOf("?fhir_vs", StringComparison.Ordinal) is > 0 and var mark)
            {
                await ReadAsync("CodeSystem", next[..mark], ct);
                continue;
            }

            if (kept.ContainsKey(("ValueSet", next)) || await ReadAsync("ValueSet", next, ct) is not { } valueSet || valueSet.Child("compose") is not { Exists: true } compose)
                continue;
            foreach (var part in compose.Children)
            {
                if (!part.HasValue || FhirNames.Name(part.NameId) is not ("include" or "exclude"))
                    continue;
                if (part.TextOf("system") is { } system)
                    await ReadAsync("CodeSystem", part.TextOf("version") is { } version ? $"{system}|{version}" : system, ct);
                foreach (var import in part.Children)
                    if (import.HasValue && FhirNames.Name(import.NameId) == "valueSet")
                        open.Enqueue(import.Text);
            }
        }
    }

    private async ValueTask<FhirNode?> ReadAsync(string type, string canonical, CancellationToken ct)
    {
        if (kept.ContainsKey((type, canonical)))
            return null;
        var found = await definitions.FindAsync(type, canonical, ct);
        kept[(type, canonical)] = found is { } node ? node.Tree.Source[node.Start..node.End] : (ReadOnlyMemory<byte>?)null;
        return found;
    }
}
