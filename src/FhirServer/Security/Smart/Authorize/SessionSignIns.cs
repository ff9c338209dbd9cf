using System.Globalization;
using System.Security.Claims;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>The sessions of the accounts, through their authentication scheme.</summary>
internal sealed class SessionSignIns(IDbContextFactory<AccountsContext> accounts, TimeProvider clock) : ISignIns
{
    public async Task<SignedIn?> OfAsync(HttpContext http)
    {
        var result = await http.AuthenticateAsync(SessionHandler.SchemeName);
        if (!result.Succeeded || result.Principal.FindFirst(SessionHandler.SessionClaim)?.Value is not { } session)
            return null;
        await using var database = await accounts.CreateDbContextAsync(http.RequestAborted);
        var found = await database.Sessions.AsNoTracking().Where(s => s.Id == session && s.Ended == null)
            .Join(database.Users.AsNoTracking(), s => s.UserId, a => a.Id, (s, a) => new { Session = s, Account = a }).FirstOrDefaultAsync(http.RequestAborted);
        if (found is null || found.Account.IsDisabled)
            return null;
        http.User = result.Principal;
        return new SignedIn(found.Account, session, Time(result.Principal, "auth_time") ?? found.Session.Created, found.Session.SecondFactorAt, found.Session.Expires);
    }

    public async Task SignOutAsync(HttpContext http)
    {
        if (await OfAsync(http) is not { } user)
            return;
        var now = clock.GetUtcNow();
        await using var database = await accounts.CreateDbContextAsync(http.RequestAborted);
        await database.Sessions.Where(s => s.Id == user.SessionId && s.Ended == null).ExecuteUpdateAsync(s => s.SetProperty(x => x.Ended, now), http.RequestAborted);
        await TokenRevocation.OfSessionAsync(database, user.SessionId, http.RequestAborted);
        http.User = new ClaimsPrincipal(new ClaimsIdentity());
    }

    public string SignInPage(string returnTo) => $"/account/sign-in?returnUrl={Uri.EscapeDataString(returnTo)}";

    private static DateTimeOffset? Time(ClaimsPrincipal principal, string claim) =>
        long.TryParse(principal.FindFirst(claim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
