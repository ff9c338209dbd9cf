using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.CodeSystems.Fhir;
using FhirEmr.Terminology.CodeSystems.Grammars;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>Every code system that can answer here, asked in order: a whole edition, a whole CodeSystem resource, parts of either, a grammar.</summary>
internal sealed class SystemCatalog(EditionSystems editions, ICanonicalSource source)
{
    private readonly ConcurrentDictionary<string, ReadResource> resources = new(StringComparer.Ordinal);
    private volatile Found found = new(source.Generation, editions.Stamp);

    public EditionSystems Editions => editions;

    public ICanonicalSource Source => source;

    /// <summary>The system on a day, or in a version; null when nothing here knows it.</summary>
    public KnownSystem? Find(string system, string? version, DateOnly asOf)
    {
        var url = CodeSystemUrls.Canonical(system);
        var table = editions.Find(url, version, asOf);
        if (table is { Content: ContentMode.Complete })
            return table;
        if (Resource(system, version) is { Count: > 0 } resource)
            return resource;
        return (KnownSystem?)table ?? GrammarSystem.Find(url);
    }

    /// <summary>As <see cref="Find"/>, for a version that is not here the one that is.</summary>
    public KnownSystem? FindOrAny(string system, string? version, DateOnly asOf) =>
        Find(system, version, asOf) ?? (version is null ? null : Find(system, null, asOf));

    /// <summary>The CodeSystem resource of that name, even one without concepts; null when there is none or it cannot be read.</summary>
    public CodeSystemResource? Resource(string url, string? version)
    {
        var current = Current();
        var key = version is null ? url : $"{url}|{version}";
        return current.Resources.TryGetValue(key, out var known) ? known : Keep(current, key, Read(key, url, version));
    }

    public static string WhyUnknown(string system) => CodeSystemUrls.Canonical(system) switch
    {
        CodeSystemUrls.Snomed or CodeSystemUrls.Loinc or CodeSystemUrls.RxNorm or CodeSystemUrls.Cpt =>
            $"The content of {CodeSystemUrls.NameOf(CodeSystemUrls.Canonical(system))} is not loaded here.",
        _ => $"The content of the code system {system} is not here.",
    };

    private Found Current()
    {
        var current = found;
        if (current.Generation != source.Generation || !ReferenceEquals(current.Stamp, editions.Stamp))
            found = current = new(source.Generation, editions.Stamp);
        return current;
    }

    private static CodeSystemResource? Keep(Found current, string key, CodeSystemResource? read)
    {
        // Names come from clients: what is not there is remembered for a while only.
        if (current.Resources.Count > 20_000)
            current.Resources.Clear();
        return current.Resources.GetOrAdd(key, read);
    }

    private CodeSystemResource? Read(string key, string url, string? version)
    {
        if (source.Find("CodeSystem", url, version) is not { } json)
            return null;
        var hash = SHA256.HashData(json.Span);
        if (resources.TryGetValue(key, out var before) && before.Hash.AsSpan().SequenceEqual(hash))
            return before.Resource;
        try
        {
            return (resources[key] = new(hash, CodeSystemReader.Read(json))).Resource;
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException)
        {
            return null;
        }
    }

    private sealed class Found(long generation, object stamp)
    {
        public long Generation => generation;

        public object Stamp => stamp;

        public ConcurrentDictionary<string, CodeSystemResource?> Resources { get; } = new(StringComparer.Ordinal);
    }

    private sealed record ReadResource(byte[] Hash, CodeSystemResource Resource);
}
