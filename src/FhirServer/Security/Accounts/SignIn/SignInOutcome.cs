using FhirEmr.FhirServer.Security.Accounts.Sessions;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>What came of a step of signing in.</summary>
internal abstract record SignInOutcome
{
    /// <summary>A session, at whatever stage; the secret is for its cookie.</summary>
    internal sealed record Begun(string Secret, LiveSession Live) : SignInOutcome;

    /// <summary>Wrong, unknown, locked or disabled: which of them nobody is told.</summary>
    internal sealed record Refused : SignInOutcome;

    /// <summary>This address has failed too often.</summary>
    internal sealed record TooMany(DateTimeOffset Until) : SignInOutcome;
}

/// <summary>Where a request comes from, for throttles, the list of sessions, and the audit.</summary>
internal sealed record Origin(string Address, string UserAgent)
{
    public static Origin Of(HttpContext http) => new(AddressOf(http), http.Request.Headers.UserAgent.ToString());

    /// <summary>An IPv6 subscriber has a whole /64 to come from: it counts as one.</summary>
    private static string AddressOf(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address)
            return "local";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.GetAddressBytes() is { Length: 16 } bytes ? new System.Net.IPAddress([.. bytes.AsSpan(0, 8), .. new byte[8]]) + "/64" : address.ToString();
    }
}
