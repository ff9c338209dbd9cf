using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.Sessions;

/// <summary>The authentication scheme of our own pages: the session's cookie says who it is; who is nobody is sent to sign in.</summary>
internal sealed class SessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, AccountSessions sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    public const string SchemeName = "Accounts";

    /// <summary>Key of the session; what is granted for its time only is bound to it by <see cref="Schema.SessionAuthorization"/>.</summary>
    public const string SessionClaim = "sid";

    /// <summary>Unix seconds at which a second factor was last proved.</summary>
    public const string SecondFactorClaim = "second_factor_at";

    public const string FhirUserClaim = "fhirUser";

    /// <summary>Who is signed in, with the claims <c>sub</c> (the account's key), <c>name</c>, <c>preferred_username</c>, <c>sid</c>, <c>auth_time</c>.</summary>
    public static ClaimsPrincipal PrincipalOf(LiveSession live)
    {
        var (session, account) = live;
        List<Claim> claims =
        [
            new("sub", account.Id), new("name", account.DisplayName), new("preferred_username", account.UserName!), new(SessionClaim, session.Id),
            new("auth_time", Seconds(session.Created)),
        ];
        if (account.FhirUser is { } fhirUser)
            claims.Add(new(FhirUserClaim, fhirUser));
        if (session.SecondFactorAt is { } at)
            claims.Add(new(SecondFactorClaim, Seconds(at)));
        return new(new ClaimsIdentity(claims, SchemeName, "name", "role"));
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (SessionCookie.Read(Request) is not { } secret)
            return AuthenticateResult.NoResult();
        return await sessions.FindAsync(secret, isActivity: true, Context.RequestAborted) is { IsSignedIn: true } live
            ? AuthenticateResult.Success(new(PrincipalOf(live), SchemeName))
            : AuthenticateResult.NoResult();
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var back = properties.RedirectUri ?? Request.PathBase + Request.Path + Request.QueryString;
        Response.Redirect($"{Request.PathBase}/account/sign-in?returnUrl={Uri.EscapeDataString(back)}");
        return Task.CompletedTask;
    }

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
