using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Tests.ValueSets;

/// <summary>Conformance resources in a dictionary; putting one counts the generation up.</summary>
internal sealed class ResourceShelf : ICanonicalSource
{
    private readonly Dictionary<(string Type, string Url, string? Version), byte[]> resources = [];
    private long generation;

    public long Generation => Volatile.Read(ref generation);

    public ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version)
    {
        lock (resources)
            return resources.TryGetValue((resourceType, url, version), out var json) ? (ReadOnlyMemory<byte>?)json : null;
    }

    public IEnumerable<string> All(string resourceType)
    {
        lock (resources)
            return [.. resources.Keys.Where(k => k.Type == resourceType).Select(k => k.Url).Distinct()];
    }

    public ResourceShelf Put(string json)
    {
        var node = JsonNode.Parse(json)!;
        var (type, url, version) = (node["resourceType"]!.GetValue<string>(), node["url"]!.GetValue<string>(), node["version"]?.GetValue<string>());
        lock (resources)
        {
            resources[(type, url, null)] = resources[(type, url, version)] = Encoding.UTF8.GetBytes(json);
            Interlocked.Increment(ref generation);
        }

        return this;
    }

    /// <summary>A value set with this compose.</summary>
    public ResourceShelf ValueSet(string name, string compose) => Put($$"""{"resourceType":"ValueSet","url":"urn:vs:{{name}}","status":"active","compose":{{compose}}}""");

    /// <summary>Colours: warm (red with crimson and scarlet, orange), cold (blue), and grey, which is both and retired.</summary>
    public static ResourceShelf Colours() => new ResourceShelf().Put("""
        {"resourceType":"CodeSystem","url":"urn:colours","version":"2","status":"active","content":"complete","caseSensitive":true,"copyright":"Free for all.",
         "property":[{"code":"parent","type":"code"},{"code":"gone","uri":"http://hl7.org/fhir/concept-properties#inactive","type":"boolean"},{"code":"hex","type":"string"}],
         "concept":[
          {"code":"warm","display":"Warm colours","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
            {"code":"red","display":"Red","designation":[{"language":"de","value":"Rot"}],"property":[{"code":"hex","valueString":"f00"}],"concept":[
              {"code":"crimson","display":"Crimson"},{"code":"scarlet","display":"Scarlet"}]},
            {"code":"orange","display":"Orange","property":[{"code":"hex","valueString":"fa0"}]}]},
          {"code":"cold","display":"Cold colours","concept":[{"code":"blue","display":"Blue","property":[{"code":"hex","valueString":"00f"}]}]},
          {"code":"grey","display":"Grey","property":[{"code":"parent","valueCode":"warm"},{"code":"parent","valueCode":"cold"},{"code":"gone","valueBoolean":true}]}]}
        """);
}
