using FhirEmr.FhirServer.Security.Accounts.Schema;

namespace FhirEmr.FhirServer.Security.Accounts.Sessions;

/// <summary>The cookie that holds a session's secret (security S-23).</summary>
/// <remarks>
/// <c>__Host-</c> binds it to this host, to https and to all paths. Browsers refuse that name over plain http, which is served on loopback only:
/// there it goes without.
/// </remarks>
internal static class SessionCookie
{
    private const string SecureName = "__Host-fhir-emr";
    private const string PlainName = "fhir-emr";

    public static string? Read(HttpRequest request) => request.Cookies[Name(request)] is { Length: > 0 and <= 64 } secret ? secret : null;

    public static void Write(HttpContext http, string secret, AccountSession session) => http.Response.Cookies.Append(Name(http.Request), secret, Options(http, session.IsAdministrator));

    public static void Clear(HttpContext http) => http.Response.Cookies.Delete(Name(http.Request), Options(http, isStrict: false));

    private static string Name(HttpRequest request) => request.IsHttps ? SecureName : PlainName;

    /// <summary>Without an expiry it goes with the browser; the server's own times decide in any case.</summary>
    private static CookieOptions Options(HttpContext http, bool isStrict) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = isStrict ? SameSiteMode.Strict : SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
    };
}
