using System.Buffers;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Hosting.Import;

/// <summary>Makes transactions that can be repeated: what has an id of its own is PUT under that id, so a second run changes nothing.</summary>
internal static class TransactionComposer
{
    /// <summary>A Bundle from a file (transaction, batch, collection, searchset ...) as a repeatable transaction.</summary>
    public static byte[] FromBundle(FhirNode bundle)
    {
        var entries = new List<(string? FullUrl, FhirNode Resource, FhirNode Request)>();
        foreach (var entry in bundle.Children)
            if (FhirNames.Name(entry.NameId) == "entry" && entry.Child("resource") is { Exists: true } resource)
                entries.Add((entry.TextOf("fullUrl"), resource, entry.Child("request")));
        return Write(entries);
    }

    public static byte[] FromResources(IEnumerable<FhirNode> resources) => Write(resources.Select(r => ((string?)null, r, default(FhirNode))));

    private static byte[] Write(IEnumerable<(string? FullUrl, FhirNode Resource, FhirNode Request)> entries)
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "Bundle"u8);
        json.WriteString("type"u8, "transaction"u8);
        json.WriteStartArray("entry"u8);
        foreach (var (fullUrl, resource, request) in entries)
        {
            var id = resource.TextOf("id");
            json.WriteStartObject();
            if (fullUrl is not null)
                json.WriteString("fullUrl"u8, fullUrl);
            json.WritePropertyName("resource"u8);
            json.WriteRawValue(resource.Raw, skipInputValidation: true);
            json.WriteStartObject("request"u8);
            if (id is not null)
            {
                json.WriteString("method"u8, "PUT"u8);
                json.WriteString("url"u8, $"{resource.Type.Name}/{id}");
            }
            else
            {
                json.WriteString("method"u8, "POST"u8);
                json.WriteString("url"u8, resource.Type.Name);
                if (request.Exists && request.TextOf("ifNoneExist") is { } condition)
                    json.WriteString("ifNoneExist"u8, condition);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Something to call an entry by in a report.</summary>
    public static string NameOf(FhirNode resource) => new StringBuilder(resource.Type.Name).Append('/').Append(resource.TextOf("id") ?? "(no id)").ToString();
}
