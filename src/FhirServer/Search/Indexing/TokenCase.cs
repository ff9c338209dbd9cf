namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Where the case of a code does not matter: contact points, and code systems whose own definition says so.</summary>
/// <remarks>
/// R4 leaves it to the code system (search.html#token). Folded when indexed and when asked, so no more rows and no slower searches. The systems
/// are the IETF's registries: language tags (<c>urn:ietf:bcp:47</c>, RFC 5646 §2.1.1) and media types (<c>urn:ietf:bcp:13</c>, RFC 6838 §4.2).
/// </remarks>
internal static class TokenCase
{
    public const string Languages = "urn:ietf:bcp:47";

    private const string Prefix = "urn:ietf:bcp:";

    /// <summary>How a value is compared where case does not matter.</summary>
    public static string Fold(string value) => value.ToLowerInvariant();

    public static bool IsIgnoredBy(ReadOnlySpan<byte> system) => system.StartsWith("urn:ietf:bcp:"u8);

    public static bool IsIgnoredBy(string system) => system.StartsWith(Prefix, StringComparison.Ordinal);
}
