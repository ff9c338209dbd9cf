using System.Text.Json;

namespace FhirEmr.Terminology.CodeSystems.Fhir;

/// <summary>FHIR JSON read leniently: what has the wrong shape is as if it were not there; the validator tells of it.</summary>
internal static class JsonElements
{
    /// <summary>Concepts nest as deep as their hierarchy.</summary>
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool? Flag(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    public static int? Number(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    /// <summary>The items of an array of objects or of texts; none when there is no such array.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object or JsonValueKind.String)
            : [];

    public static Designation ToDesignation(this JsonElement designation, string value)
    {
        var use = designation.TryGetProperty("use", out var coding) ? coding : default;
        return new(designation.Text("language"), use.Text("system"), use.Text("code"), value);
    }
}
