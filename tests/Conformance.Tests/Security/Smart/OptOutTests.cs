using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>A patient who wants no access by an app ends what it holds of their record, at once and for good (security S-16, S-46).</summary>
public abstract class OptOutTests(SmartServer server) : OnSmartServer(server), IAsyncLifetime
{
    private const string Scope = "launch/patient patient/*.rs offline_access";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>What one test decided binds no other.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var id in (await Server.GetAsync("Consent?_count=100")).Ids)
            await Server.DeleteAsync($"Consent/{id}");
        Server.Clock.Forward(TimeSpan.FromSeconds(10)); // plans and consents are remembered for less
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("update")]
    [InlineData("transaction")]
    [InlineData("batch")]
    [InlineData("patch")]
    public async Task Whatever_the_road_the_apps_tokens_for_the_patient_end(string road)
    {
        var (own, forA, forB) = (await GrantAsync(Server.PatientId, "page"), await GrantAsync(Server.DoctorId, "page", "a"), await GrantAsync(Server.DoctorId, "page", "b"));
        var other = await GrantAsync(Server.PatientId, "another");
        Assert.Equal(200, await ReadAsync(Access(own)));
        Assert.Equal(200, await ReadAsync(Access(forA)));

        await WriteAsync(road, OptOut("page"));

        Assert.Equal(401, await ReadAsync(Access(own)));
        Assert.Equal(401, await ReadAsync(Access(forA)));
        Assert.Equal("invalid_grant", await RefreshAsync("page", own));
        Assert.Equal("invalid_grant", await RefreshAsync("page", forA));
        Assert.Equal(200, await ReadAsync(Access(forB), "Patient/b"));
        Assert.Equal("(none)", await RefreshAsync("page", forB));
        Assert.Equal(200, await ReadAsync(Access(other)));
    }

    [Fact]
    public async Task It_is_in_the_audit_and_what_was_remembered_is_asked_again()
    {
        App.Remembers = true;
        await GrantAsync(Server.PatientId, "page", app: App);
        var asked = App.Pages;
        await GrantAsync(Server.PatientId, "page", app: App);
        Assert.Equal(asked, App.Pages); // remembered

        await WriteAsync("create", OptOut("page"));

        await GrantAsync(Server.PatientId, "page", app: App);
        Assert.True(App.Pages > asked);
        Assert.Contains("Patient/a opted out of page", (await Server.GetAsync("AuditEvent?subtype=tokens-revoked&_count=100")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"deny","actor":[ACTOR],"class":[{"system":"http://hl7.org/fhir/resource-types","code":"Observation"}]}""")]
    [InlineData("""{"type":"deny","actor":[ACTOR],"provision":[{"type":"permit","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Patient"}]}]}""")]
    [InlineData("""{"type":"deny","actor":[ACTOR],"period":{"start":"2099-01-01"}}""")]
    [InlineData("""{"type":"deny","actor":[OTHER]}""")]
    [InlineData("""{"type":"permit","actor":[ACTOR]}""")]
    public async Task Who_is_denied_some_of_it_or_not_yet_or_not_at_all_keeps_them(string provision)
    {
        var own = await GrantAsync(Server.PatientId, "page");

        await WriteAsync("create", Consent(JsonNode.Parse(provision.Replace("ACTOR", Actor("page"), StringComparison.Ordinal).Replace("OTHER", Actor("somebody"), StringComparison.Ordinal))!));

        Assert.Equal(200, await ReadAsync(Access(own)));
        Assert.Equal("(none)", await RefreshAsync("page", own));
    }

    [Fact]
    public async Task An_exception_of_a_permit_is_an_opt_out_too_and_an_older_decision_is_none()
    {
        var newer = JsonNode.Parse($$"""{"type":"permit","provision":[{"type":"deny","actor":[{{Actor("another")}}]}]}""")!;
        var (page, another) = (await GrantAsync(Server.PatientId, "page"), await GrantAsync(Server.PatientId, "another"));
        await WriteAsync("create", Consent(newer));
        Assert.Equal(401, await ReadAsync(Access(another)));

        var older = OptOut("page");
        older["dateTime"] = "2020-01-01";
        await WriteAsync("create", older);

        Assert.Equal(200, await ReadAsync(Access(page)));
    }

    private async Task<JsonNode> GrantAsync(string user, string client, string? patient = null, SmartApp? app = null)
    {
        if (client == "another" && await Server.Clients.FindAsync(client, default) is null)
            await Server.Clients.AddAsync(new(client, FhirEmr.FhirServer.Security.Accounts.Schema.ClientKind.Public) { RedirectUris = [SmartServer.Redirect], Scopes = SmartServer.AppScopes.Split(' ') }, "test", default);
        app ??= new SmartApp(Server);
        app.Picks = patient;
        await app.SignInAsync(user);
        return await app.GrantAsync(client, Scope);
    }

    private async Task WriteAsync(string road, JsonObject consent)
    {
        string Entry(string method, string url) => $$"""{"resourceType":"Bundle","type":"{{road}}","entry":[{"resource":{{consent.ToJsonString()}},"request":{"method":"{{method}}","url":"{{url}}"} }]}""";
        Reply reply;
        switch (road)
        {
            case "create":
                reply = await Server.PostAsync("Consent", consent.ToJsonString());
                break;
            case "update":
                consent["id"] = "put";
                reply = await Server.PutAsync("Consent/put", consent.ToJsonString());
                break;
            case "patch":
                consent["status"] = "draft";
                reply = await Server.PostAsync("Consent", consent.ToJsonString());
                reply = await Server.PatchAsync($"Consent/{reply.Id}", """[{"op":"replace","path":"/status","value":"active"}]""");
                break;
            default:
                reply = await Server.PostAsync("", Entry("POST", "Consent"));
                Assert.StartsWith("201", reply.Entries[0]["response"]!["status"]!.GetValue<string>(), StringComparison.Ordinal);
                break;
        }

        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private JsonObject OptOut(string client) => Consent(JsonNode.Parse($$"""{"type":"deny","actor":[{{Actor(client)}}]}""")!);

    private JsonObject Consent(JsonNode provision) => new()
    {
        ["resourceType"] = "Consent",
        ["status"] = "active",
        ["scope"] = JsonNode.Parse("""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]}"""),
        ["category"] = JsonNode.Parse("""[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}]"""),
        ["patient"] = new JsonObject { ["reference"] = "Patient/a" },
        ["dateTime"] = Server.Clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture),
        ["policyRule"] = JsonNode.Parse("""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]}"""),
        ["provision"] = provision,
    };

    private static string Actor(string client) =>
        $$"""{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"identifier":{"value":"{{client}}"} } }""";

    private static string Access(JsonNode granted) => granted["access_token"]!.GetValue<string>();

    private async Task<string> RefreshAsync(string client, JsonNode granted) =>
        (await App.RefreshAsync(client, granted["refresh_token"]!.GetValue<string>())).Json["error"]?.GetValue<string>() ?? "(none)";
}

public sealed class SqliteOptOutTests(SqliteSmartServer server) : OptOutTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresOptOutTests(PostgresSmartServer server) : OptOutTests(server), IClassFixture<PostgresSmartServer>;
