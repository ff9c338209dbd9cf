using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Security.Accounts.SignIn;

namespace FhirEmr.Conformance.Tests.Security.Accounts;

/// <summary>The pages as an attacker meets them; beside each refusal what it lets through.</summary>
public abstract partial class SignInPagesTests(AccountServer server) : OnServer(server)
{
    private const string Password = AccountServer.Password;
    private readonly AccountServer server = server;

    [Fact, Trait("Requirement", "S-22")]
    public async Task Unknown_names_wrong_passwords_and_locked_accounts_are_answered_alike()
    {
        var (name, locked) = (NewName(), NewName());
        await server.AddPatientAsync(name);
        await server.AddPatientAsync(locked);
        using var browser = Open();
        for (var i = 0; i < 5; i++)
            await browser.SignInAsync(locked, "wrong");

        List<(int, string)> answers = [];
        foreach (var (who, password) in ((string, string)[])[(NewName(), "wrong"), (name, "wrong"), (locked, Password), (locked, "wrong"), ("", ""), ("\ud83d\ude00", new string('x', 20_000))])
        {
            await browser.SignInAsync(who, password);
            answers.Add((browser.Status, Varying().Replace(browser.Body, "")));
        }

        Assert.Single(answers.Distinct());
        Assert.Equal(401, answers[0].Item1);
        Assert.Contains("is not right, or the account is locked", answers[0].Item2, StringComparison.Ordinal);
        Assert.Null(browser.Session);
        await browser.SignInAsync(name, Password);
        Assert.Equal("/account", browser.Location);
    }

    [Fact, Trait("Requirement", "S-21")]
    public async Task Staff_enrol_then_sign_in_with_a_code_that_counts_once()
    {
        var name = NewName();
        await server.AddAdministratorAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password, "?returnUrl=%2Faccount%2Fpassword");
        Assert.StartsWith("/account/authenticator", browser.Location, StringComparison.Ordinal);
        await browser.GetAsync("/account/password"); // nothing else is open before
        Assert.StartsWith("/account/authenticator", browser.Location, StringComparison.Ordinal);
        await browser.FollowAsync();
        var (seed, stage) = (Seed(browser.Body), browser.Session);
        Assert.Contains("<svg class=\"qr\"", browser.Body, StringComparison.Ordinal);
        await browser.SubmitAsync(("code", "000000"));
        Assert.Equal(400, browser.Status);
        var code = Code(seed);
        await browser.SubmitAsync(("code", code));
        Assert.Equal(10, RecoveryCode().Count(browser.Body));
        Assert.NotEqual(stage, browser.Session);

        using var other = Open();
        await other.SignInAsync(name, Password);
        Assert.Equal("/account/second-factor", other.Location);
        await other.GetAsync("/account");
        Assert.StartsWith("/account/second-factor", other.Location, StringComparison.Ordinal);
        await other.FollowAsync();
        await other.SubmitAsync(("code", code)); // used up by the enrolment
        Assert.Equal(401, other.Status);
        Assert.Contains("is not right, or the account is locked", other.Body, StringComparison.Ordinal);
        var waiting = other.Session;
        await other.SubmitAsync(("code", RecoveryCode().Match(browser.Body).Value));
        Assert.Equal("/account", other.Location);
        Assert.NotEqual(waiting, other.Session);
        Assert.Contains("samesite=strict", SessionCookie(other), StringComparison.OrdinalIgnoreCase);
        await other.FollowAsync();
        Assert.Contains("practice-admin", other.Body, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-23")]
    public async Task A_planted_session_is_not_taken_over_by_who_signs_in()
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        var planted = new string('A', 43);
        using var victim = Open();
        victim.Cookies["fhir-emr"] = planted;
        await victim.SignInAsync(name, Password);
        Assert.NotEqual(planted, victim.Session);

        using var attacker = Open();
        attacker.Cookies["fhir-emr"] = planted;
        await attacker.GetAsync("/account");
        Assert.StartsWith("/account/sign-in", attacker.Location, StringComparison.Ordinal);
        var before = victim.Session!;
        await victim.GetAsync("/account/sign-in");
        Assert.Equal("/account", victim.Location);
        attacker.Cookies["fhir-emr"] = before;
        await attacker.GetAsync("/account");
        Assert.Equal(200, attacker.Status); // the control: the cookie is what counts
    }

    [Fact, Trait("Requirement", "S-23")]
    public async Task Cookies_are_out_of_reach_of_scripts_and_signing_out_ends_the_session_on_the_server()
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password);
        var cookie = SessionCookie(browser);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);
        var secret = browser.Session!;
        await browser.GetAsync("/account/session");
        Assert.Equal(200, browser.Status);
        Assert.Contains("\"secondsLeft\":", browser.Body, StringComparison.Ordinal);

        await browser.GetAsync("/account/sign-out");
        Assert.Equal(200, browser.Status); // a link alone signs nobody out
        await browser.SubmitAsync();
        Assert.Null(browser.Session);
        browser.Cookies["fhir-emr"] = secret;
        await browser.GetAsync("/account");

        Assert.StartsWith("/account/sign-in", browser.Location, StringComparison.Ordinal);
        await browser.GetAsync("/account/session");
        Assert.Equal(401, browser.Status);
    }

    [Fact, Trait("Requirement", "S-23")]
    public async Task A_session_can_be_ended_from_another_browser_and_nobody_elses_can()
    {
        var (name, stranger) = (NewName(), NewName());
        await server.AddPatientAsync(name);
        await server.AddPatientAsync(stranger);
        using var one = Open();
        using var two = Open();
        using var three = Open();
        await one.SignInAsync(name, Password);
        await two.SignInAsync(name, Password);
        await three.SignInAsync(stranger, Password);
        await two.GetAsync("/account");
        var id = SessionField().Match(two.Body).Groups[1].Value;

        await three.GetAsync("/account"); // its own sign-out form, sent with another's session
        await three.PostAsync("/account/end-session", new Dictionary<string, string> { ["session"] = id, ["form-token"] = FormToken().Match(three.Body).Groups[1].Value });
        Assert.Equal(303, three.Status);
        await one.GetAsync("/account");
        Assert.Equal(200, one.Status);
        await two.SubmitAsync();
        await one.GetAsync("/account");
        Assert.Equal(303, one.Status);
    }

    [Theory, Trait("Requirement", "S-24")]
    [InlineData("https://evil.example/x")]
    [InlineData("//evil.example/x")]
    [InlineData("/\\evil.example/x")]
    [InlineData("javascript:alert(1)")]
    public async Task A_link_to_sign_in_does_not_lead_to_another_site(string url)
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password, "?returnUrl=" + Uri.EscapeDataString(url));

        Assert.Equal("/account", browser.Location);
        Assert.DoesNotContain("evil.example", browser.Body, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-24")]
    public async Task A_link_to_sign_in_leads_on_within_this_site()
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password, "?returnUrl=" + Uri.EscapeDataString("/connect/authorize?a=1&b=\"><script>"));

        Assert.Equal(200, browser.Status);
        Assert.Contains("content=\"0;url=/connect/authorize?a=1&amp;b=&quot;&gt;&lt;script&gt;\"", browser.Body, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-24")]
    public async Task Forms_of_other_sites_change_nothing()
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password);
        (string, string)[] change = [("old", Password), ("password", "another kettle of violins"), ("again", "another kettle of violins")];
        Dictionary<string, string> bare = change.ToDictionary();

        await browser.PostAsync("/account/password", bare);
        Assert.Equal(400, browser.Status);
        await browser.GetAsync("/account/password");
        await browser.SubmitAsync(request => Replace(request, "Origin", "https://evil.example"), change);
        Assert.Equal(400, browser.Status);
        await browser.GetAsync("/account/password");
        await browser.SubmitAsync(request => Replace(request, "Sec-Fetch-Site", "same-site"), change);
        Assert.Equal(400, browser.Status);

        using var stranger = Open(); // a token made for somebody else
        await stranger.GetAsync("/account/sign-in");
        await browser.PostAsync("/account/password", new Dictionary<string, string>(bare) { ["form-token"] = FormToken().Match(stranger.Body).Groups[1].Value });
        Assert.Equal(400, browser.Status);

        await browser.GetAsync("/account/password");
        await browser.SubmitAsync(request =>
        {
            Replace(request, "Origin", "null"); // as from a sandboxed frame
            Replace(request, "Sec-Fetch-Site", "cross-site");
        }, change);
        Assert.Equal(400, browser.Status);

        await browser.GetAsync("/account/password");
        await browser.SubmitAsync(request => Replace(request, "Origin", "null"), change); // as browsers do where no referrer is to be told
        Assert.Equal("/account", browser.Location);
    }

    [Fact, Trait("Requirement", "S-85")]
    public async Task Pages_have_no_script_and_style_under_a_nonce_that_is_new_each_time()
    {
        using var browser = Open();
        HashSet<string> nonces = [];
        for (var i = 0; i < 2; i++)
        {
            await browser.GetAsync("/account/sign-in?returnUrl=%2Fa\"><script>alert(1)</script>");
            var policy = browser.Response.Headers.GetValues("Content-Security-Policy").Single();
            nonces.Add(Nonce().Match(policy).Groups[1].Value);
            Assert.Contains($"<style nonce=\"{Nonce().Match(policy).Groups[1].Value}\">", browser.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", browser.Body, StringComparison.OrdinalIgnoreCase);
            Assert.True(browser.Response.Headers.CacheControl!.NoStore);
        }

        Assert.Equal(2, nonces.Count);
    }

    [Fact, Trait("Requirement", "S-102")]
    public async Task A_set_up_link_gives_a_password_once_and_leads_to_the_authenticator()
    {
        var name = NewName();
        var token = await server.AddWithLinkAsync(name);
        using var browser = Open();
        await browser.GetAsync("/account/set-up?token=" + new string('x', 43));
        Assert.Equal(410, browser.Status);

        await browser.GetAsync("/account/set-up?token=" + token);
        Assert.Contains("Dov &lt;Rosen&gt;", browser.Body, StringComparison.Ordinal);
        await browser.SubmitAsync(("password", "password2024!"), ("again", "password2024!"));
        Assert.Equal(400, browser.Status);
        Assert.Contains("tried first", browser.Body, StringComparison.Ordinal);
        await browser.SubmitAsync(("password", Password), ("again", Password));
        Assert.Equal("/account/authenticator", browser.Location);
        await browser.GetAsync("/account/set-up?token=" + token);
        Assert.Equal(410, browser.Status);
    }

    [Fact, Trait("Requirement", "S-21")]
    public async Task Whoever_finds_an_open_browser_cannot_put_another_authenticator_in_place_without_proof()
    {
        var name = NewName();
        await server.AddPatientAsync(name);
        using var browser = Open();
        await browser.SignInAsync(name, Password);

        await browser.GetAsync("/account/authenticator");
        Assert.Equal("/account/step-up?returnUrl=%2Faccount%2Fauthenticator", browser.Location);
        await browser.FollowAsync();
        await browser.SubmitAsync(("proof", "wrong"));
        Assert.Equal(401, browser.Status);
        await browser.SubmitAsync(("proof", Password));
        Assert.Contains("url=/account/authenticator", browser.Body, StringComparison.Ordinal);
        await browser.GetAsync("/account/authenticator");
        Assert.Equal(200, browser.Status);
    }

    [Fact, Trait("Requirement", "S-22")]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var browser = Open();
        await browser.GetAsync("/account/sign-in");
        await browser.SubmitAsync(("name", "a"), ("password", new string('x', 100_000)));

        Assert.Equal(413, browser.Status);
    }

    private static void Replace(HttpRequestMessage request, string header, string value)
    {
        request.Headers.Remove(header);
        request.Headers.Add(header, value);
    }

    private static string NewName() => "user" + Guid.NewGuid().ToString("N")[..12];

    private Browser Open() => new(server.Root);

    private static string SessionCookie(Browser browser) => browser.Response.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("fhir-emr=", StringComparison.Ordinal));

    private static string Code(byte[] seed) => Totp.Code(seed, Totp.StepAt(TimeProvider.System.GetUtcNow()));

    private static byte[] Seed(string body)
    {
        const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(SecretText().Match(body).Groups[1].Value.Select(c => Convert.ToString(Base32.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    [GeneratedRegex("nonce=\"[^\"]*\"|name=\"form-token\" value=\"[^\"]*\"")]
    private static partial Regex Varying();

    [GeneratedRegex("'nonce-([^']*)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("secret=([A-Z2-7]{32})&")]
    private static partial Regex SecretText();

    [GeneratedRegex("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")]
    private static partial Regex RecoveryCode();

    [GeneratedRegex("name=\"session\" value=\"([^\"]*)\"")]
    private static partial Regex SessionField();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial Regex FormToken();
}

public sealed class SqliteSignInPagesTests(SqliteAccountServer server) : SignInPagesTests(server), IClassFixture<SqliteAccountServer>;

public sealed class PostgresSignInPagesTests(PostgresAccountServer server) : SignInPagesTests(server), IClassFixture<PostgresAccountServer>;
