using System.Text.Json;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Profiles that implementation guides put on resource types and that can be validated against here, by type.</summary>
internal static class SupportedProfiles
{
    /// <summary>R4's own profiles (vital signs, shareable value sets …) are part of the specification, which the statement names already.</summary>
    private const string OfR4 = "http://hl7.org/fhir/StructureDefinition/";

    /// <summary>Of the packages that are in use; none while R4's own definitions, which every profile builds on, are not here.</summary>
    public static ILookup<string, string> Of(DefinitionStore definitions) => (definitions.HasBase ? definitions.Entries : [])
        .Where(e => e is { Type: "StructureDefinition", IsActive: true } && !e.Url.StartsWith(OfR4, StringComparison.Ordinal))
        .Select(e => e.Url).Distinct().Order(StringComparer.Ordinal)
        .Select(url => (Type: TypeOf(definitions.Find("StructureDefinition", url, null)), Url: url))
        .Where(p => p.Type is not null)
        .ToLookup(p => p.Type!, p => p.Url, StringComparer.Ordinal);

    /// <summary>The resource type a profile is on; null for extensions, data types, logical models and abstract ones.</summary>
    private static string? TypeOf(ReadOnlyMemory<byte>? json)
    {
        if (json is not { } bytes)
            return null;
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        return Text(root, "kind") == "resource" && Text(root, "derivation") == "constraint" && !(root.TryGetProperty("abstract", out var flag) && flag.ValueKind == JsonValueKind.True)
            ? Text(root, "type")
            : null;
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
