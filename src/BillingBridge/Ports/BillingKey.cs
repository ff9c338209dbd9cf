using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.BillingBridge.Ports;

/// <summary>Idempotency keys (billing spec 1.5) and the searches that find what carries them.</summary>
internal static class BillingKey
{
    /// <summary>The identifier system of the keys.</summary>
    public const string System = "urn:fhiremr:billing-key";

    /// <summary>Parts joined by a slash; each percent-encoded, so that no part can contain a slash or a character FHIR search treats as its own.</summary>
    public static string Of(params string?[] parts) => string.Join('/', parts.Select(p => Uri.EscapeDataString(p ?? "")));

    /// <summary>Claim creation: encounter, coverage, rank, version.</summary>
    public static string Claim(string encounterId, string? coverageId, int rank, int version = 0) =>
        Of("claim", encounterId, coverageId ?? "none", rank.ToString(CultureInfo.InvariantCulture), version.ToString(CultureInfo.InvariantCulture));

    /// <summary>The search for one key.</summary>
    public static string Query(string key) => Query(System, key);

    /// <summary>The search for one identifier. Never for an empty value: <c>system|</c> would find everything of that system.</summary>
    public static string Query(string system, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return $"identifier={Token(system, value)}";
    }

    /// <summary>How many values one search names at most: its address stays short enough for every server on the way.</summary>
    public const int ValuesAtOnce = 50;

    /// <summary>The search for any of some identifiers of one system; none of them empty.</summary>
    public static string Query(string system, IEnumerable<string> values) => $"identifier={string.Join(',', values.Select(v => Token(system, v)))}";

    /// <summary><c>system|value</c> with the value escaped for search (<c>search.html#escaping</c>) and for the URL.</summary>
    public static string Token(string system, string value) => $"{system}|{Value(value)}";

    /// <summary>A value on its own, of whatever system.</summary>
    public static string Value(string value)
    {
        var escaped = value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)
            .Replace(",", @"\,", StringComparison.Ordinal).Replace("$", @"\$", StringComparison.Ordinal);
        return Uri.EscapeDataString(escaped);
    }

    /// <summary>A UUID made from a key: the same key is the same UUID.</summary>
    public static string Uuid(string key)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(key))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80); // RFC 9562 version 8: custom
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The address inside a transaction of what is created under a key.</summary>
    public static string Urn(string key) => $"urn:uuid:{Uuid(key)}";
}
