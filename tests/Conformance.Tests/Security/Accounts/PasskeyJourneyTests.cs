using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Clients;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Security.Accounts;

/// <summary>Passkeys as somebody meets them in a browser, and the pages without script.</summary>
[Trait("Requirement", "S-21")]
public sealed partial class PasskeyJourneyTests(SqliteAccountServer server) : OnServer(server), IClassFixture<SqliteAccountServer>
{
    private readonly SqliteAccountServer server = server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>By name: at a number browsers have no passkeys.</summary>
    private string Root => server.Root.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Fact]
    public async Task An_administrator_enrols_signs_in_proves_and_removes_with_passkeys_only()
    {
        const string User = "passkey-admin";
        await server.AddAdministratorAsync(User);
        await server.Services.GetRequiredService<ClientRegistry>().AddAsync(new("passkey-app", ClientKind.Public)
        {
            Name = "Heart Rates",
            RedirectUris = ["http://localhost:1/back"],
            Scopes = ["openid", "fhirUser", "user/Observation.rs"],
        }, "test", Ct);
        await using var browser = await Chromium.StartAsync(Ct);
        Assert.SkipWhen(browser is null, "There is no chromium on this machine.");
        var phone = await browser.AddAuthenticatorAsync(Ct);

        // Enrol at the first sign-in.
        await browser.GoToAsync(Root + "/account/sign-in", Ct);
        await browser.WaitAsync("document.querySelector('[data-passkey]:not([hidden])') !== null", Ct);
        await browser.AskAsync($"(document.getElementById('name').value = '{User}', document.getElementById('password').value = '{AccountServer.Password}', document.querySelector('form button').click())", Ct);
        await browser.WaitAsync("location.pathname === '/account/authenticator' && document.querySelector('a[href^=\"/account/passkey\"]') !== null", Ct);
        await browser.AskAsync("document.querySelector('a[href^=\"/account/passkey\"]').click()", Ct);
        await MakeAsync(browser, "Phone");
        await browser.WaitAsync("document.querySelectorAll('.codes li').length === 10", Ct);
        await browser.AskAsync("document.querySelector('a.button').click()", Ct);
        await browser.WaitAsync("location.pathname === '/account' && document.body.innerText.includes('Phone')", Ct);

        // Sign in for an app, and come to its question.
        await SignOutAsync(browser);
        await browser.SetUserVerifiedAsync(phone, false, Ct);
        await browser.GoToAsync($"{Root}/auth/authorize?response_type=code&client_id=passkey-app&redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fback&scope=openid%20fhirUser%20user%2FObservation.rs&state=s"
            + $"&aud={Uri.EscapeDataString(server.BaseUrl)}&code_challenge={new string('a', 43)}&code_challenge_method=S256", Ct);
        await PressAsync(browser);
        await browser.WaitAsync("document.querySelector('[data-passkey] [role=alert]:not([hidden])')?.textContent.startsWith('No passkey was used') ?? false", Ct);
        await browser.SetUserVerifiedAsync(phone, true, Ct);
        await PressAsync(browser);
        await browser.WaitAsync("document.querySelector('button[name=decision][value=allow]') !== null", Ct);

        // Prove once more.
        await browser.GoToAsync(Root + "/account/step-up?returnUrl=%2Faccount%2Frecovery-codes", Ct);
        await browser.WaitAsync("document.querySelector('[data-passkey]:not([hidden])') !== null", Ct);
        await PressAsync(browser);
        await browser.WaitAsync("location.pathname === '/account/recovery-codes'", Ct);

        // The only one stays; with one on another device it may go.
        await OpenAsync(browser, "Phone");
        await browser.AskAsync("document.querySelector('input[name=act]').form.querySelector('button').click()", Ct);
        await browser.WaitAsync("document.querySelector('.wrong')?.textContent.includes('only second factor') ?? false", Ct);
        await browser.RemoveAuthenticatorAsync(phone, Ct);
        await browser.AddAuthenticatorAsync(Ct);
        await browser.GoToAsync(Root + "/account/passkey", Ct);
        await MakeAsync(browser, "Key <1>");
        await browser.WaitAsync("location.pathname === '/account' && document.body.innerText.includes('Key <1>')", Ct);
        await OpenAsync(browser, "Phone");
        await browser.AskAsync("document.querySelector('input[name=act]').form.querySelector('button').click()", Ct);
        await browser.WaitAsync("location.pathname === '/account' && document.body.innerText.includes('Key <1>') && !document.body.innerText.includes('Phone')", Ct);

        // The page offers it by itself, and this device takes every offer.
        await SignOutAsync(browser);
        await browser.GoToAsync(Root + "/account/sign-in", Ct);
        await browser.WaitAsync("location.pathname === '/account' && document.body.innerText.includes('last used')", Ct);
    }

    [Fact]
    public async Task Without_script_there_is_nothing_to_press_and_the_policy_lets_in_the_one_script()
    {
        using var browser = new Browser(Root);
        await browser.GetAsync("/account/sign-in?returnUrl=%2Fa\"><script>alert(1)</script>");

        var policy = browser.Response.Headers.GetValues("Content-Security-Policy").Single();
        var nonce = ScriptNonce().Match(policy).Groups[1].Value;
        Assert.Contains($"<script nonce=\"{nonce}\" src=\"/account/passkey.js\" defer></script>", browser.Body, StringComparison.Ordinal);
        Assert.Single(ScriptTag().Matches(browser.Body));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Matches("<div data-passkey=\"offered\" data-origin=\"http://localhost:[0-9]+\" data-question=\"/account/passkey/sign-in\" hidden>", browser.Body);
        await browser.GetAsync("/account/passkey.js");
        Assert.Equal("text/javascript", browser.Response.Content.Headers.ContentType!.MediaType);

        using var byNumber = new Browser(server.Root);
        await byNumber.GetAsync("/account/sign-in");
        Assert.DoesNotContain("<div data-passkey", byNumber.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", byNumber.Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("script-src", byNumber.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-24")]
    public async Task Questions_are_for_our_own_forms_and_for_those_who_have_come_far_enough()
    {
        const string User = "passkey-patient";
        await server.AddPatientAsync(User);
        using var browser = new Browser(Root);
        await browser.PostAsync("/account/passkey/sign-in", new Dictionary<string, string>());
        Assert.Equal(400, browser.Status);
        await browser.GetAsync("/account/sign-in");
        var token = new Dictionary<string, string> { ["form-token"] = FormToken().Match(browser.Body).Groups[1].Value };
        await browser.PostAsync("/account/passkey/sign-in", token);
        Assert.Equal(200, browser.Status);
        await browser.PostAsync("/account/passkey/proof", token);
        Assert.Equal(303, browser.Status);
        await browser.PostAsync("/account/passkey/creation", token);
        Assert.Equal(303, browser.Status);
        await browser.GetAsync("/account/sign-in");
        await browser.SubmitAsync(("passkey", "{}"), ("challenge", "x"));
        Assert.Equal(401, browser.Status);
        Assert.Contains("is not right, or the account is locked", browser.Body, StringComparison.Ordinal);

        await browser.SignInAsync(User, AccountServer.Password);
        await browser.GetAsync("/account/passkey"); // asks for a proof first
        Assert.Equal("/account/step-up?returnUrl=%2Faccount%2Fpasskey", browser.Location);
        await browser.FollowAsync();
        token = new() { ["form-token"] = FormToken().Match(browser.Body).Groups[1].Value };
        await browser.PostAsync("/account/passkey/creation", token);
        Assert.Equal(403, browser.Status);
        await browser.GetAsync("/account/step-up?returnUrl=%2Faccount%2Fpasskey");
        await browser.SubmitAsync(("proof", AccountServer.Password));
        await browser.GetAsync("/account/passkey");
        Assert.Equal(200, browser.Status);
        token = new() { ["form-token"] = FormToken().Match(browser.Body).Groups[1].Value };
        await browser.PostAsync("/account/passkey/creation", token);
        Assert.Contains("\"userVerification\":\"required\"", browser.Body, StringComparison.Ordinal);
    }

    private static async Task MakeAsync(Chromium browser, string name)
    {
        await browser.WaitAsync("location.pathname === '/account/passkey' && document.querySelector('[data-passkey]:not([hidden])') !== null", Ct);
        await browser.AskAsync($"document.getElementById('label').value = '{name}'", Ct);
        await PressAsync(browser);
    }

    private static async Task PressAsync(Chromium browser)
    {
        await browser.WaitAsync("document.querySelector('[data-passkey]:not([hidden]) button:not([disabled])') !== null", Ct);
        await browser.AskAsync("document.querySelector('[data-passkey] button').click()", Ct);
    }

    private async Task OpenAsync(Chromium browser, string name)
    {
        await browser.GoToAsync(Root + "/account", Ct);
        await browser.WaitAsync($"[...document.querySelectorAll('tr')].some(r => r.innerText.includes('{name}'))", Ct);
        await browser.AskAsync($"[...document.querySelectorAll('tr')].find(r => r.innerText.includes('{name}')).querySelector('a').click()", Ct);
        await browser.WaitAsync("location.pathname === '/account/passkey/edit' && document.querySelector('input[name=act]') !== null", Ct);
    }

    private async Task SignOutAsync(Chromium browser)
    {
        await browser.GoToAsync(Root + "/account/sign-out", Ct);
        await browser.WaitAsync("document.querySelector('form[action=\"/account/sign-out\"] button') !== null", Ct);
        await browser.AskAsync("document.querySelector('form[action=\"/account/sign-out\"] button').click()", Ct);
        await browser.WaitAsync("document.body.innerText.includes('You are signed out')", Ct);
    }

    [GeneratedRegex("script-src 'nonce-([^']*)'; connect-src 'self'")]
    private static partial Regex ScriptNonce();

    [GeneratedRegex("<script", RegexOptions.IgnoreCase)]
    private static partial Regex ScriptTag();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial Regex FormToken();
}
