namespace FhirEmr.BillingBridge.Claims;

/// <summary>Idempotency keys (billing spec 1.5) and the searches that find what carries them.</summary>
internal static class BillingKey
{
    /// <summary>Parts joined by a slash; each percent-encoded, so that no part can contain a slash or a character FHIR search treats as its own.</summary>
    public static string Of(params string?[] parts) => string.Join('/', parts.Select(p => Uri.EscapeDataString(p ?? "")));

    /// <summary>The search for one key.</summary>
    public static string Query(string key) => Query(BillingUrls.IdempotencyKey, key);

    /// <summary>The search for one identifier; the value is escaped for search (<c>search.html#escaping</c>) and for the URL.</summary>
    public static string Query(string system, string value)
    {
        var escaped = value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)
            .Replace(",", @"\,", StringComparison.Ordinal).Replace("$", @"\$", StringComparison.Ordinal);
        return $"identifier={system}|{Uri.EscapeDataString(escaped)}";
    }
}
