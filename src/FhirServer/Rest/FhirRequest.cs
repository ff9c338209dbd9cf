using System.Collections.Frozen;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Rest;

/// <summary>One interaction as asked for: over HTTP, in a Bundle entry, or in process. All three take the same way from here.</summary>
internal sealed record FhirRequest(string Method, FhirTarget Target, Caller Caller)
{
    /// <summary>Query parameters in order, decoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    public ConditionalHeaders Headers { get; init; } = ConditionalHeaders.None;

    public Preference Prefer { get; init; } = Preference.None;

    /// <summary>Header Accept, for those who write something else than resources; null when it was not sent.</summary>
    public string? Accept { get; init; }

    /// <summary>The resource sent, parsed once; default when there is none.</summary>
    public FhirNode Body { get; init; }

    /// <summary>Of a batch: the entries whose resource is no FHIR, and why. Something empty stands in its place.</summary>
    public IReadOnlyDictionary<int, FhirFault> EntryFaults { get; init; } = FrozenDictionary<int, FhirFault>.Empty;

    /// <summary>What was sent when it is no resource: a JSON Patch, a GraphQL query; null otherwise.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Media type of <see cref="Content"/>, as sent.</summary>
    public string? ContentType { get; init; }

    /// <summary>Under which name the client may repeat this request; null for none.</summary>
    public IdempotencyKey? Idempotency { get; init; }

    /// <summary>Base URL for links in the answer, without trailing slash.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Header <c>X-Cascade</c>: what a deletion may take along.</summary>
    public string? Cascade { get; init; }

    /// <summary>Clients may only read just now: what would write is refused (reliability R-43). Work accepted earlier, and the server's own, is not.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Position in the Bundle this came in; null for a request of its own.</summary>
    public int? Entry { get; init; }
}

/// <summary>http.html#concurrency and #cread: what must hold before the interaction happens.</summary>
internal sealed record ConditionalHeaders(string? IfMatch, string? IfNoneMatch, DateTimeOffset? IfModifiedSince, string? IfNoneExist)
{
    public static ConditionalHeaders None { get; } = new(null, null, null, null);

    /// <summary>Whether a list of ETags (RFC 9110, If-None-Match) names the version; <c>*</c> names any. Tags of others name nothing.</summary>
    public static bool Lists(string? etags, int version) => etags is not null
        && etags.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || (TryVersion(tag, out var known) && known == version));

    /// <summary>Version in a weak ETag: <c>W/"3"</c>; false when the header is there and unreadable.</summary>
    public static bool TryVersion(string? etag, out int? version)
    {
        version = null;
        if (etag is null)
            return true;

        var text = etag.AsSpan().Trim();
        if (text.StartsWith("W/", StringComparison.Ordinal))
            text = text[2..];
        if (!int.TryParse(text.Trim('"'), out var number))
            return false;
        version = number;
        return true;
    }
}

/// <summary>http.html#ops and search.html#errors: what the client would like back, and how strict to be.</summary>
internal sealed record Preference(string? Return, bool Lenient)
{
    /// <summary><c>respond-async</c>: the client rather asks again later than waits (async.html).</summary>
    public bool Async { get; init; }

    public static Preference None { get; } = new(null, false);

    public static Preference Parse(IEnumerable<string?> headers)
    {
        var preference = None;
        foreach (var part in headers.SelectMany(h => (h ?? "").Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            preference = part switch
            {
                "return=minimal" => preference with { Return = "minimal" },
                "return=representation" => preference with { Return = "representation" },
                "return=OperationOutcome" => preference with { Return = "OperationOutcome" },
                "respond-async" => preference with { Async = true },
                "handling=lenient" => preference with { Lenient = true },
                "handling=strict" => preference with { Lenient = false },
                _ => preference,
            };
        return preference;
    }
}
