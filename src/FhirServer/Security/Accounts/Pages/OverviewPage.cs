using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account</c>: who is signed in, where else, with which roles.</summary>
internal static class OverviewPage
{
    public static async Task<IResult> ShowAsync(AccountRequest request)
    {
        var services = request.Http.RequestServices;
        var account = request.Live!.Account;
        await using var accounts = services.GetRequiredService<AccountsDatabase>().CreateDbContext();
        var sessions = await services.GetRequiredService<AccountSessions>().ListAsync(accounts, account, request.Aborted);
        var roles = await services.GetRequiredService<RoleAssignments>().HeldAsync(accounts, SubjectKind.User, account.Id, request.Aborted);
        var passkeys = await OwnPasskeys.ListAsync(accounts, account.Id, request.Aborted);
        var codesLeft = await RecoveryCodes.LeftAsync(accounts, account.Id, request.Aborted);
        var hasCodes = await services.GetRequiredService<SignInFlow>().TypedProofAsync(account, request.Aborted) != TypedProof.Password;
        var zone = services.GetService<TimeZoneInfo>() ?? TimeZoneInfo.Utc;

        var rows = Html.Join(sessions.Select(s => Html.Of($"""
            <tr><td>{(s.Id == request.Live.Session.Id ? "This browser" : s.UserAgent)}<br><span class="hint">{s.Address}, since {At(s.Created, zone)}, last seen {At(s.LastSeen, zone)}</span></td>
            <td>{(s.Id == request.Live.Session.Id ? Html.Empty : EndButton(request, s.Id))}</td></tr>
            """)));
        return new Page(account.DisplayName, Html.Of($"""
            <p>Signed in as <strong>{account.UserName}</strong>{(roles.Count == 0 ? ", without a role" : ": " + string.Join(", ", roles.Select(r => r.RoleName).Distinct()))}.</p>
            <h2>Sign-in</h2>
            <p><a href="{request.Path("/account/password")}">Change password</a></p>
            <p><a href="{request.Path("/account/authenticator")}">{(account.AuthenticatorSeed is null ? "Set up an authenticator app" : "Use another authenticator app")}</a></p>
            {(!hasCodes ? Html.Empty : Html.Of($"<p><a href=\"{request.Path("/account/recovery-codes")}\">New recovery codes</a> <span class=\"hint\">({codesLeft} left)</span></p>"))}
            {PasskeyPages.List(request, passkeys, zone)}
            {(services.GetService<IAppGrants>() is null ? Html.Empty : Html.Of($"<h2>Apps</h2><p><a href=\"{request.Path(AppsPage.Path)}\">Apps you let in</a> <span class=\"hint\">what they may see, and taking it back</span></p>"))}
            <h2>Where you are signed in</h2>
            <table>{rows}</table>
            <nav>{request.Form("/account/sign-out", Html.Of($"<button class=\"quiet\">Sign out</button>"))}</nav>
            """));
    }

    /// <summary>Ends another session of the same user.</summary>
    public static async Task<IResult> EndAsync(AccountRequest request)
    {
        await request.Http.RequestServices.GetRequiredService<OwnAccount>().EndSessionAsync(request.Live!, request.Field("session"), request.Origin, request.Aborted);
        return request.Go("/account");
    }

    private static Html EndButton(AccountRequest request, string id) =>
        request.Form("/account/end-session", Html.Of($"<input type=\"hidden\" name=\"session\" value=\"{id}\"><button class=\"quiet\">End</button>"));

    private static string At(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone).ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture);
}
