using System.Buffers;
using System.Text.Json;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>A definition without what nobody computes with: narrative, prose, mappings, the differential beside a snapshot.</summary>
internal static class DefinitionReduction
{
    /// <summary>What is kept of packages.</summary>
    public static string[] Types { get; } = ["StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Questionnaire"];

    private static readonly HashSet<string> OfStructure = new(
        ["resourceType", "id", "url", "version", "name", "title", "status", "date", "fhirVersion", "kind", "abstract", "context", "contextInvariant", "type", "baseDefinition", "derivation", "snapshot"],
        StringComparer.Ordinal);

    private static readonly HashSet<string> OfElement = new(
        ["id", "path", "sliceName", "slicing", "min", "max", "base", "contentReference", "type", "maxLength", "constraint", "mustSupport", "isModifier", "binding"],
        StringComparer.Ordinal);

    private static readonly string[] ValuePrefixes = ["fixed", "pattern", "minValue", "maxValue"];

    /// <summary>These hold everywhere and are checked without being asked for: naming them on every element would double the size.</summary>
    private static readonly string[] Everywhere = ["ele-1", "ext-1"];

    /// <param name="entry">Type, URL, version and whether it is active, read from the same bytes; null when it is nothing we keep.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static byte[]? Reduce(ReadOnlyMemory<byte> json, out DefinitionEntry entry)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 });
        var root = document.RootElement;
        entry = default;
        if (root.ValueKind != JsonValueKind.Object || Text(root, "resourceType") is not { } type || !Types.Contains(type) || Text(root, "url") is not { } url)
            return null;

        entry = new(type, url, Text(root, "version") ?? "", Text(root, "status") == "active", 0, 0);
        var buffer = new ArrayBufferWriter<byte>(json.Length / 4);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(root, writer, type == "StructureDefinition");
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement root, Utf8JsonWriter writer, bool isStructure)
    {
        var hasSnapshot = isStructure && root.TryGetProperty("snapshot", out _);
        writer.WriteStartObject();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name is "text" or "meta" or "contact" or "useContext")
                continue;
            if (!isStructure)
                property.WriteTo(writer);
            else if (property.Name == "snapshot" || (property.Name == "differential" && !hasSnapshot))
                Elements(property, writer);
            else if (OfStructure.Contains(property.Name))
                property.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void Elements(JsonProperty snapshot, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(snapshot.Name);
        writer.WriteStartArray("element");
        if (snapshot.Value.TryGetProperty("element", out var elements))
            foreach (var element in elements.EnumerateArray())
            {
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                    if (property.Name == "constraint")
                        Constraints(property.Value, writer);
                    else if (OfElement.Contains(property.Name) || Array.Exists(ValuePrefixes, p => property.Name.StartsWith(p, StringComparison.Ordinal)))
                        property.WriteTo(writer);
                writer.WriteEndObject();
            }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Constraints(JsonElement constraints, Utf8JsonWriter writer)
    {
        var isOpen = false;
        foreach (var constraint in constraints.EnumerateArray())
        {
            if (Everywhere.Contains(Text(constraint, "key")))
                continue;
            if (!isOpen)
                writer.WriteStartArray("constraint");
            isOpen = true;
            writer.WriteStartObject();
            foreach (var property in constraint.EnumerateObject())
                if (property.Name is not ("xpath" or "requirements"))
                    property.WriteTo(writer);
            writer.WriteEndObject();
        }

        if (isOpen)
            writer.WriteEndArray();
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
