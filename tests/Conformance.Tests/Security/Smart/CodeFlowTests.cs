using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>Authorization code with PKCE: the way that works, and what an attacker changes of it (security S-11, S-13, S-15).</summary>
[Trait("Requirement", "S-11")]
[Trait("Requirement", "S-12")]
[Trait("Requirement", "S-13")]
public abstract class CodeFlowTests(SmartServer server) : OnSmartServer(server)
{
    [Theory]
    [InlineData("page", false)]
    [InlineData("page", true)]
    public async Task An_app_gets_a_token_for_what_the_user_allows(string client, bool byPost)
    {
        await App.SignInAsync(Server.DoctorId);
        var end = await App.AuthorizeAsync(App.Request(client, "openid fhirUser user/Patient.rs"), byPost);
        var code = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(end!.Query)["code"].ToString();
        var (status, token) = await App.ExchangeAsync(client, code);

        Assert.True(status == 200, token.ToJsonString());
        Assert.Equal("Bearer", token["token_type"]!.GetValue<string>());
        Assert.Equal("openid fhirUser user/Patient.rs", token["scope"]!.GetValue<string>());
        Assert.Null(token["refresh_token"]);
        Assert.InRange(token["expires_in"]!.GetValue<int>(), 3500, 3600);
        Assert.Contains("See name, birth date, address and contact data of every patient whom you may see", App.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", App.Page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, await ReadAsync(Access(token)));

        var jwt = new JsonWebToken(Access(token));
        Assert.Equal(("ES256", "at+jwt", Server.BaseUrl, Server.Root + "/"), (jwt.Alg, jwt.Typ, jwt.Audiences.Single(), jwt.Issuer));
        Assert.NotEmpty(jwt.Id);
        var id = new JsonWebToken(token["id_token"]!.GetValue<string>());
        Assert.Equal($"{Server.BaseUrl}/Practitioner/doctor", id.GetClaim("fhirUser").Value);
    }

    [Fact]
    public async Task A_confidential_app_proves_itself_with_its_secret()
    {
        await App.SignInAsync(Server.DoctorId);
        var code = await App.CodeAsync("confidential", "user/Patient.rs");
        Assert.Equal((401, "invalid_client"), Answer(await App.ExchangeAsync("confidential", code)));
        Assert.Equal((401, "invalid_client"), Answer(await App.ExchangeAsync("confidential", code, ("client_secret", "wrong"))));

        var form = new Dictionary<string, string?> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = SmartServer.Redirect, ["code_verifier"] = App.Verifier };
        var (status, token) = await App.TokenAsync(form, basic: $"confidential:{Server.Secret}");
        Assert.True(status == 200, token.ToJsonString());
    }

    [Theory]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("aud", null, "invalid_request")]
    [InlineData("aud", "https://other.example.org/fhir", "invalid_request")]
    [InlineData("aud", "{base}/x", "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("scope", "patient/Nonsense.rs", "invalid_scope")]
    [InlineData("scope", "system/Patient.rs", "invalid_scope")]
    [InlineData("prompt", "none", "consent_required")]
    public async Task A_request_that_is_not_sound_goes_back_with_its_error(string parameter, string? value, string error)
    {
        await App.SignInAsync(Server.DoctorId);

        var end = await App.AuthorizeAsync(App.Request("page", "openid user/Patient.rs", (parameter, value?.Replace("{base}", Server.BaseUrl, StringComparison.Ordinal))));

        Assert.StartsWith(SmartServer.Redirect, end?.ToString(), StringComparison.Ordinal);
        Assert.Equal(error, SmartApp.Error(end));
        Assert.Equal(0, App.Pages);
    }

    [Theory]
    [InlineData("client_id", "nobody")]
    [InlineData("redirect_uri", "https://evil.example.org/callback")]
    [InlineData("redirect_uri", "https://app.example.org/callback/")]
    [InlineData("redirect_uri", "https://app.example.org/callback?x=1")]
    [InlineData("redirect_uri", "https://app.example.org:444/callback")]
    public async Task What_may_be_a_trap_is_shown_and_leads_nowhere(string parameter, string value)
    {
        await App.SignInAsync(Server.DoctorId);

        Assert.Null(await App.AuthorizeAsync(App.Request("page", "openid user/Patient.rs", (parameter, value))));
        Assert.Contains("This app cannot be opened", App.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example.org/callback\"", App.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:43117/callback", true)]
    [InlineData("http://127.0.0.1/callback", true)]
    [InlineData("http://127.0.0.1:43117/other", false)]
    [InlineData("http://192.0.2.1:43117/callback", false)]
    public async Task An_app_on_a_device_listens_on_any_port_of_it(string redirect, bool goes)
    {
        await App.SignInAsync(Server.DoctorId);
        var end = await App.AuthorizeAsync(App.Request("native", "openid user/Patient.rs", ("redirect_uri", redirect)));

        Assert.Equal(goes, end?.ToString().StartsWith(redirect + "?", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_sent_to_sign_in_and_brought_back()
    {
        var end = await App.AuthorizeAsync(App.Request("page", "openid user/Patient.rs"));
        var silent = await App.AuthorizeAsync(App.Request("page", "openid user/Patient.rs", ("prompt", "none")));

        Assert.StartsWith("/account/sign-in?returnUrl=", end!.OriginalString, StringComparison.Ordinal);
        Assert.Contains("code_challenge", Uri.UnescapeDataString(end.OriginalString), StringComparison.Ordinal);
        Assert.Equal("login_required", SmartApp.Error(silent));
    }

    [Fact]
    public async Task A_code_counts_once_for_its_app_its_address_and_its_verifier()
    {
        await App.SignInAsync(Server.DoctorId);
        var code = await App.CodeAsync("page", "user/Patient.rs");
        Assert.Equal((400, "invalid_grant"), Answer(await App.ExchangeAsync("page", code, ("code_verifier", new string('x', 43)))));
        Assert.NotEqual(200, (await App.ExchangeAsync("page", code, ("code_verifier", null))).Status);
        Assert.Equal((400, "invalid_grant"), Answer(await App.ExchangeAsync("page", code, ("redirect_uri", "https://app.example.org/other"))));
        Assert.Equal((400, "invalid_grant"), Answer(await App.ExchangeAsync("native", code)));

        var (status, token) = await App.ExchangeAsync("page", code);
        Assert.True(status == 200, token.ToJsonString());
        Assert.Equal(200, await ReadAsync(Access(token)));

        // Shown again it has been stolen: what came of it ends too.
        Assert.Equal((400, "invalid_grant"), Answer(await App.ExchangeAsync("page", code)));
        Assert.Equal(401, await ReadAsync(Access(token)));
    }

    [Fact]
    public async Task A_code_is_good_for_a_minute()
    {
        await App.SignInAsync(Server.DoctorId);
        var code = await App.CodeAsync("page", "user/Patient.rs");
        Server.Clock.Forward(TimeSpan.FromSeconds(61));

        Assert.Equal((400, "invalid_grant"), Answer(await App.ExchangeAsync("page", code)));
    }

    [Fact]
    public async Task The_user_can_refuse_leave_things_out_and_ask_not_to_be_asked_again()
    {
        var user = await Server.UserAsync("chooser" + Guid.NewGuid().ToString("N")[..6], FhirServer.Security.Accounts.Schema.AccountKind.Staff, "superuser", "Practitioner/x");
        await App.SignInAsync(user);
        App.Decision = "deny";
        Assert.Equal("access_denied", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "openid user/Patient.rs"))));

        App.Decision = "allow";
        App.Unticked.Add("user/Encounter.rs");
        Assert.Equal("openid user/Patient.rs", (await App.GrantAsync("page", "openid user/Patient.rs user/Encounter.rs"))["scope"]!.GetValue<string>());
        App.Unticked.Add("user/Patient.rs");
        Assert.Equal("access_denied", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "user/Patient.rs user/Encounter.rs"))));

        App.Unticked.Clear();
        App.Remembers = true;
        await App.GrantAsync("page", "openid user/Patient.rs");
        var pages = App.Pages;
        await App.GrantAsync("page", "openid user/Patient.rs");
        Assert.Equal(pages, App.Pages);
        await App.GrantAsync("page", "openid user/Patient.rs user/Encounter.rs"); // more than was allowed: asked again
        Assert.Equal(pages + 1, App.Pages);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_from_our_page_counts_for_nothing()
    {
        await App.SignInAsync(Server.DoctorId);
        var forged = App.Request("page", "openid user/Patient.rs", ("decision", "allow"), ("grant", "user/Patient.rs"));

        var reply = await App.SendAsync(HttpMethod.Post, "/auth/authorize", forged.Select(p => KeyValuePair.Create(p.Key, p.Value!)));

        Assert.Equal(400, reply.Status);
        Assert.Null(reply.Location);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("urn:ietf:params:oauth:grant-type:device_code")]
    [InlineData("urn:ietf:params:oauth:grant-type:token-exchange")]
    [InlineData("implicit")]
    public async Task Other_ways_to_tokens_do_not_exist(string grant)
    {
        var (status, json) = await App.TokenAsync(new Dictionary<string, string?> { ["grant_type"] = grant, ["client_id"] = "page", ["username"] = "doctor", ["password"] = "x", ["device_code"] = "x", ["subject_token"] = "x" });

        Assert.Equal((400, "unsupported_grant_type"), (status, json["error"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_disabled_app_is_no_app()
    {
        var id = "gone" + Guid.NewGuid().ToString("N")[..6];
        await Server.Clients.AddAsync(new(id, FhirServer.Security.Accounts.Schema.ClientKind.Public) { RedirectUris = [SmartServer.Redirect], Scopes = ["user/*.rs", "offline_access"] }, "test", TestContext.Current.CancellationToken);
        await App.SignInAsync(Server.DoctorId);
        var token = await App.GrantAsync(id, "user/Patient.rs offline_access");
        Assert.Equal(200, await ReadAsync(Access(token)));

        await Server.Clients.DisableAsync(id, "test", TestContext.Current.CancellationToken);
        Server.Clock.Forward(TimeSpan.FromSeconds(6)); // what a node remembers

        Assert.Equal(401, await ReadAsync(Access(token)));
        Assert.Equal((401, "invalid_client"), Answer(await App.RefreshAsync(id, token["refresh_token"]!.GetValue<string>())));
        Assert.Null(await App.AuthorizeAsync(App.Request(id, "user/Patient.rs")));
    }

    [Fact, Trait("Requirement", "S-55")]
    public async Task A_patient_sees_by_an_app_of_their_own_choice_who_opened_their_record()
    {
        await App.SignInAsync(Server.PatientId);
        var all = Access(await App.GrantAsync("page", "launch/patient patient/*.rs"));
        var some = Access(await App.GrantAsync("page", "launch/patient patient/Observation.rs"));

        Assert.Equal(200, await ReadAsync(all, "Patient/a/$who-accessed"));
        Assert.Equal(404, await ReadAsync(all, "Patient/b/$who-accessed"));
        Assert.Equal(403, await ReadAsync(some, "Patient/a/$who-accessed"));
        Assert.Equal(403, await ReadAsync(all, "AuditEvent"));
    }

    private static string Access(JsonNode token) => token["access_token"]!.GetValue<string>();

    private static (int, string) Answer((int Status, JsonNode Json) reply) => (reply.Status, reply.Json["error"]?.GetValue<string>() ?? "(none)");
}

public sealed class SqliteCodeFlowTests(SqliteSmartServer server) : CodeFlowTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresCodeFlowTests(PostgresSmartServer server) : CodeFlowTests(server), IClassFixture<PostgresSmartServer>;
