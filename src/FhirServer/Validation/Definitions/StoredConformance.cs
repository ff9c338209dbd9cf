using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Conformance resources that clients have stored: they go before those of packages. Replaced whole when one of them changes.</summary>
internal sealed class StoredConformance
{
    private volatile DefinitionIndex<ReadOnlyMemory<byte>> index = DefinitionIndex<ReadOnlyMemory<byte>>.Empty;
    private long generation;

    /// <summary>Types that are read from the store.</summary>
    public static string[] Types => DefinitionReduction.Types;

    public long Generation => Interlocked.Read(ref generation);

    public void Replace(IEnumerable<ReadOnlyMemory<byte>> resources)
    {
        var entries = new List<(DefinitionEntry, ReadOnlyMemory<byte>)>();
        foreach (var json in resources)
            if (FhirJsonReader.Read(json, out _) is { } tree && tree.Root.TextOf("url") is { } url)
                entries.Add((new(tree.Root.Type.Name, url, tree.Root.TextOf("version") ?? "", tree.Root.TextOf("status") == "active", 0, 0), json));
        index = new(entries);
        Interlocked.Increment(ref generation);
    }

    public IEnumerable<string> Urls(string type) => index.Urls(type);

    public ReadOnlyMemory<byte>? Find(string type, string url, string? version) => index.TryFind(type, url, version, out _, out var json) ? json : default(ReadOnlyMemory<byte>?); // a bare null would become empty memory
}
