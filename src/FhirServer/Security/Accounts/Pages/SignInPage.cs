using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary><c>/account/sign-in</c>: name and password, or a passkey; in the demo also one button per invented person.</summary>
internal static class SignInPage
{
    /// <summary>The one answer to everything that is not right (security S-22).</summary>
    public const string Refusal = "Name, password or code is not right, or the account is locked for a while. Check them, or wait and try again.";

    public static Task<IResult> ShowAsync(AccountRequest request) => Task.FromResult(request.Live is { IsSignedIn: true } ? request.Arrive() : Render(request, null));

    public static async Task<IResult> SendAsync(AccountRequest request)
    {
        var services = request.Http.RequestServices;
        var (name, password) = (request.Field("name"), request.Field("password"));
        if (request.Field("demo") is { Length: > 0 } person)
            (name, password) = (person, services.GetRequiredService<DemoPasswords>().Of(person) ?? "");

        var flow = services.GetRequiredService<SignInFlow>();
        var outcome = PasskeyPages.Answer(request) is { } answer && PasskeyPages.Site(request) is { } site
            ? await flow.PasskeyAsync(PasskeyPages.Browser(request), answer, site, request.Origin, request.Aborted)
            : await flow.PasswordAsync(name, password, request.Origin, request.Aborted);
        if (outcome is not SignInOutcome.Begun begun)
            return Render(request, outcome);
        if (request.Live is { } old) // a session somebody may have planted does not survive a sign-in
            await services.GetRequiredService<OwnAccount>().EndSessionAsync(old, old.Session.Id, request.Origin, request.Aborted);
        return request.GoOn(begun);
    }

    /// <summary>The status and sentence of a refusal; 200 and nothing without one.</summary>
    public static (int Status, string? Sentence) Of(AccountRequest request, SignInOutcome? refusal)
    {
        if (refusal is not SignInOutcome.TooMany tooMany)
            return refusal is null ? (StatusCodes.Status200OK, null) : (StatusCodes.Status401Unauthorized, Refusal);
        var wait = tooMany.Until - request.Http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        request.Http.Response.Headers.RetryAfter = Math.Max(1, (int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return (StatusCodes.Status429TooManyRequests, "Too many attempts from this address have failed. Wait, then try again.");
    }

    private static Page Render(AccountRequest request, SignInOutcome? refusal)
    {
        var (status, sentence) = Of(request, refusal);
        var passkey = PasskeyPages.Button(request, "/account/sign-in", "Sign in with a passkey", isOffered: true);
        var form = request.Form("/account/sign-in", Html.Of($"""
            <label for="name">Name</label>
            <input id="name" name="name" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required maxlength="64" autofocus>
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxLength}">
            <button>Sign in</button>
            """));
        return new("Sign in", Html.Of($"{Page.Wrong(sentence)}{form}{passkey}{Demo(request)}"), status) { HasScript = passkey != Html.Empty };
    }

    private static Html Demo(AccountRequest request)
    {
        var people = request.Http.RequestServices.GetRequiredService<DemoPasswords>().People;
        if (people.Count == 0)
            return Html.Empty;
        var rows = Html.Join(people.Select(p => Html.Of($"<tr><td>{p.DisplayName}<br><span class=\"hint\">{p.Role}</span></td><td><button class=\"quiet\" name=\"demo\" value=\"{p.UserName}\">Sign in</button></td></tr>")));
        return Html.Of($"<h2>Demo practice</h2><p class=\"hint\">Invented people, on this machine only.</p>{request.Form("/account/sign-in", Html.Of($"<table>{rows}</table>"))}");
    }
}
