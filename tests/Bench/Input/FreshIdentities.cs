using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FhirEmr.Bench.Input;

/// <summary>A copy of a record that is somebody else: every UUID and every identifier value new, all links inside it intact.</summary>
/// <remarks>UUIDs are mapped by value, so what two bundles of one copy share (a hospital, a physician) they still share.</remarks>
internal static partial class FreshIdentities
{
    private static readonly JsonWriterOptions AsSyntheaWrites = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Copy(byte[] bundle, int copy)
    {
        var renamed = Uuid().Replace(Encoding.UTF8.GetString(bundle), match => Fresh(match.Value, copy));
        var root = JsonNode.Parse(renamed)!;
        RenewIdentifiers(root, copy);

        using var buffer = new MemoryStream(bundle.Length);
        using (var writer = new Utf8JsonWriter(buffer, AsSyntheaWrites))
            root.WriteTo(writer);
        return buffer.ToArray();
    }

    private static void RenewIdentifiers(JsonNode? node, int copy)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                    RenewIdentifiers(item, copy);
                break;
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                    if (name == "identifier")
                        foreach (var identifier in value is JsonArray several ? [.. several] : new[] { value })
                            Renew(identifier, copy);
                    else
                        RenewIdentifiers(value, copy);
                break;
        }
    }

    private static void Renew(JsonNode? identifier, int copy)
    {
        if (identifier is JsonObject fields && fields["value"] is JsonValue value && !Uuid().IsMatch(value.GetValue<string>()))
            fields["value"] = string.Create(CultureInfo.InvariantCulture, $"{value.GetValue<string>()}-{copy}");
    }

    private static string Fresh(string uuid, int copy)
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{copy}|{uuid}")));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString();
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();
}
