using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>Users see the apps they let in, and take one back: in a real browser, by keyboard alone (security S-16).</summary>
[Trait("Requirement", "S-16")]
public sealed class AppsPageTests(SqliteSmartServer server) : OnSmartServer(server), IClassFixture<SqliteSmartServer>
{
    private const string Scope = "launch/patient patient/*.rs offline_access";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_patient_takes_an_app_back_with_the_keyboard()
    {
        var (taken, kept, ofDoctor) = (await GrantAsync(Server.PatientId, "page"), await GrantAsync(Server.PatientId, "native", ("redirect_uri", "http://127.0.0.1/callback")), await GrantAsync(Server.DoctorId, "page"));
        Assert.Equal(200, await ReadAsync(Access(taken)));
        await using var browser = await Chromium.StartAsync(Ct);
        Assert.SkipWhen(browser is null, "There is no chromium on this machine.");
        var cookie = (await Server.SessionAsync(Server.PatientId)).Split('=', 2);
        await browser.SetCookieAsync(Server.Root + "/", cookie[0], cookie[1], Ct);

        await browser.GoToAsync(Server.Root + "/account", Ct);
        await browser.WaitAsync("document.querySelector('a[href=\"/account/apps\"]') !== null", Ct);
        await FocusAsync(browser, "document.activeElement.getAttribute('href') === '/account/apps'");
        await browser.PressAsync("Enter", Ct);
        await browser.WaitAsync("location.pathname === '/account/apps' && document.body.innerText.includes('Growth Chart') && document.body.innerText.includes('for your record')", Ct);
        await FocusAsync(browser, "document.activeElement.getAttribute('aria-label') === 'Take back the access of Growth Chart'");
        await browser.PressAsync("Enter", Ct);
        await browser.WaitAsync("document.querySelector('[role=status]')?.innerText === 'Growth Chart has no access any more. It can ask you again.'", Ct);

        Assert.Equal("1", await browser.AskAsync("document.querySelectorAll('input[name=app]').length", Ct));
        Assert.Equal(401, await ReadAsync(Access(taken)));
        Assert.Equal("invalid_grant", await RefreshAsync("page", taken));
        Assert.Equal(200, await ReadAsync(Access(kept)));
        Assert.Equal(200, await ReadAsync(Access(ofDoctor)));
        Assert.Equal("(none)", await RefreshAsync("page", ofDoctor));
        Assert.Contains("page: taken back by the user", (await Server.GetAsync("AuditEvent?subtype=tokens-revoked&_count=100")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_remembered_is_asked_again_and_a_form_from_elsewhere_takes_nothing_back()
    {
        App.Remembers = true;
        var granted = await GrantAsync(Server.DoctorId, "page");
        var remembered = App.Pages;
        var (status, page, _, _) = await App.SendAsync(HttpMethod.Get, "/account/apps");
        Assert.Equal(200, status);
        Assert.Contains("Growth Chart", page, StringComparison.Ordinal);

        Assert.Equal(400, (await App.SendAsync(HttpMethod.Post, "/account/apps", [new("app", "page")])).Status);
        Assert.Equal(200, await ReadAsync(Access(granted)));

        var token = page.Split("name=\"form-token\" value=\"")[1].Split('"')[0];
        Assert.Equal(200, (await App.SendAsync(HttpMethod.Post, "/account/apps", [new("app", "page"), new("form-token", token)])).Status);
        Assert.Equal(401, await ReadAsync(Access(granted)));
        await GrantAsync(Server.DoctorId, "page");
        Assert.True(App.Pages > remembered + 1); // the patient is picked, and the user asked
    }

    /// <summary>Tabs until the focus is there.</summary>
    private static async Task FocusAsync(Chromium browser, string isThere)
    {
        for (var i = 0; i < 30 && await browser.AskAsync(isThere, Ct) != "true"; i++)
            await browser.PressAsync("Tab", Ct);
        Assert.Equal("true", await browser.AskAsync(isThere, Ct));
    }

    private async Task<JsonNode> GrantAsync(string user, string client, params (string Name, string? Value)[] other)
    {
        App.Picks = "a";
        await App.SignInAsync(user);
        var (status, json) = await App.ExchangeAsync(client, await App.CodeAsync(client, Scope, other), other);
        Assert.True(status == 200, json.ToJsonString());
        return json;
    }

    private static string Access(JsonNode granted) => granted["access_token"]!.GetValue<string>();

    private async Task<string> RefreshAsync(string client, JsonNode granted) =>
        (await App.RefreshAsync(client, granted["refresh_token"]!.GetValue<string>())).Json["error"]?.GetValue<string>() ?? "(none)";
}
