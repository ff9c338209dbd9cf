using System.Net;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Smart;
using OpenIddict.Abstractions;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>How often an address may ask for tokens, and guess what opens them (security §8). Refusals are those of OAuth.</summary>
internal sealed class TokenRates(RateLimits rates)
{
    public const string Error = OpenIddictConstants.Errors.TemporarilyUnavailable;
    public const string Text = "More tokens were asked for than may be in a minute. Wait as long as Retry-After says, and use a token for as long as it lives.";

    public async Task HoldAsync(HttpContext http, RequestDelegate next)
    {
        var address = http.Connection.RemoteIpAddress;
        if (rates.AddressFault(address) is { RetryAfter: { } general })
            await RefuseAsync(http, general);
        else if (WaitOf(http, address) is var wait && wait > TimeSpan.Zero)
            await RefuseAsync(http, wait);
        else
        {
            await next(http);
            if (http.Response.StatusCode == StatusCodes.Status401Unauthorized && http.Request.Path.Value != SmartPaths.Token)
                rates.TakeToken(address); // a secret can be guessed here just as well
        }
    }

    /// <summary>Resource servers ask often what a token is worth: that is counted only where the client could not prove who it is.</summary>
    private TimeSpan WaitOf(HttpContext http, IPAddress? address) =>
        HttpMethods.IsOptions(http.Request.Method) ? TimeSpan.Zero : http.Request.Path.Value == SmartPaths.Token ? rates.TakeToken(address) : rates.TokenWait(address);

    private static Task RefuseAsync(HttpContext http, TimeSpan wait)
    {
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = RateLimits.Seconds(wait);
        return http.Response.WriteAsJsonAsync(new Dictionary<string, string> { [OpenIddictConstants.Parameters.Error] = Error, [OpenIddictConstants.Parameters.ErrorDescription] = Text }, http.RequestAborted);
    }
}
