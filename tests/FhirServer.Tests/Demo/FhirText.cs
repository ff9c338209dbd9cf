using System.Text.Json;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.FhirServer.Tests.Demo;

/// <summary>Bundles as JSON: what a server would receive, and what it would find dangling.</summary>
internal static class FhirText
{
    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector);

    public static string Write(Resource resource) => JsonSerializer.Serialize(resource, Options);

    public static Bundle Read(string json) => JsonSerializer.Deserialize<Bundle>(json, Options)!;

    /// <summary>References that no entry of these bundles answers, looking back only: a bundle may use what an earlier one brought.</summary>
    public static IReadOnlyList<string> Dangling(IEnumerable<Bundle> inLoadingOrder)
    {
        var known = new HashSet<string>();
        var dangling = new List<string>();
        foreach (var bundle in inLoadingOrder)
        {
            foreach (var entry in bundle.Entry)
            {
                known.Add(entry.FullUrl!);
                known.Add($"{entry.Resource!.TypeName}/{entry.Resource.Id}");
            }

            foreach (var entry in bundle.Entry)
            {
                using var json = JsonDocument.Parse(Write(entry.Resource!));
                dangling.AddRange(References(json.RootElement)
                    .Where(reference => reference.StartsWith('#') ? !Contains(entry.Resource!, reference[1..]) : !known.Contains(reference))
                    .Select(reference => $"{entry.Resource!.TypeName}/{entry.Resource.Id} -> {reference}"));
            }
        }

        return dangling;
    }

    private static bool Contains(Resource resource, string id) =>
        resource is DomainResource { Contained: var contained } && contained.Any(inner => inner.Id == id);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property is { Name: "reference", Value.ValueKind: JsonValueKind.String } ? [property.Value.GetString()!] : References(property.Value)),
        _ => [],
    };
}
