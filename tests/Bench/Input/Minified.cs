using System.Text.Encodings.Web;
using System.Text.Json;

namespace FhirEmr.Bench.Input;

/// <summary>JSON without white space: the measure that database sizes are held against, and the body the limits store.</summary>
internal static class Minified
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Bytes(JsonElement element)
    {
        using var buffer = new MemoryStream(2048);
        using (var writer = new Utf8JsonWriter(buffer, Plain))
            element.WriteTo(writer);
        return buffer.ToArray();
    }

    /// <summary>Every resource of these bundles, minified.</summary>
    public static IEnumerable<byte[]> Resources(IEnumerable<InputBundle> bundles)
    {
        foreach (var bundle in bundles)
        {
            using var document = JsonDocument.Parse(bundle.Json);
            foreach (var entry in document.RootElement.GetProperty("entry").EnumerateArray())
                yield return Bytes(entry.GetProperty("resource"));
        }
    }
}
