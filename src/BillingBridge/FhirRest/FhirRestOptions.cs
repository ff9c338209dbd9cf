namespace FhirEmr.BillingBridge.FhirRest;

/// <summary>Somebody's FHIR R4 server.</summary>
/// <param name="BaseUrl">Its base, <c>https://ehr.example.org/fhir</c>; plain http to this machine only.</param>
public sealed record FhirRestOptions(Uri BaseUrl)
{
    /// <summary>Gives the bearer token for a request; null where the server asks for none. Asked again after a 401.</summary>
    public Func<CancellationToken, ValueTask<string?>>? Token { get; init; }

    /// <summary>Matches asked for in one page.</summary>
    public int PageSize { get; init; } = 200;

    /// <summary>Of a request that only reads.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Before the second attempt; doubled for each further one, unless the server says how long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Null, or why this cannot be used, in a sentence.</summary>
    public string? Fault() => !BaseUrl.IsAbsoluteUri || BaseUrl.UserInfo.Length > 0 || BaseUrl.Query.Length > 0
        || (BaseUrl.Scheme != Uri.UriSchemeHttps && !(BaseUrl.Scheme == Uri.UriSchemeHttp && BaseUrl.IsLoopback))
            ? $"'{BaseUrl}' is no FHIR base: give an https address without user, password or query, as in https://ehr.example.org/fhir."
            : null;
}
