using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;

namespace FhirEmr.FhirServer.Tests.Search.Concepts;

/// <summary>Definitions in memory, by canonical URL.</summary>
internal sealed class FakeDefinitions : IDefinitions
{
    private readonly Dictionary<(string Type, string Url), FhirNode> known = [];

    public void Add(string json)
    {
        var root = SearchSamples.Read(json);
        known[(root.Type.Name, root.TextOf("url")!)] = root;
    }

    /// <summary>One that a server would not have taken.</summary>
    public void AddUnchecked(string json)
    {
        var root = FhirJsonReader.Read(System.Text.Encoding.UTF8.GetBytes(json), out _)!.Root;
        known[(root.Type.Name, root.TextOf("url")!)] = root;
    }

    public ValueTask<FhirNode?> FindAsync(string type, string canonical, CancellationToken ct) =>
        ValueTask.FromResult<FhirNode?>(known.TryGetValue((type, canonical), out var root) ? root : null);
}
