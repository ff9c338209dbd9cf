using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting.Edge;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>What an app is started on: standalone with a pick, the user's own record, and from inside the EHR (security S-12).</summary>
[Trait("Requirement", "S-12")]
[Trait("Requirement", "S-24")]
public abstract class LaunchTests(SmartServer server) : OnSmartServer(server)
{
    [Fact]
    public async Task A_patients_app_is_about_their_own_record()
    {
        await App.SignInAsync(Server.PatientId);
        var token = await App.GrantAsync("page", "launch/patient patient/*.read openid fhirUser");

        Assert.Equal("a", token["patient"]!.GetValue<string>());
        Assert.True(token["need_patient_banner"]!.GetValue<bool>());
        Assert.Equal($"{Server.Root}/auth/smart-style.json", token["smart_style_url"]!.GetValue<string>());
        Assert.Contains("in your record", App.Page, StringComparison.Ordinal);
        Assert.Equal(200, await ReadAsync(token["access_token"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Staff_pick_the_patient_and_the_visit()
    {
        await App.SignInAsync(Server.DoctorId);
        (App.Picks, App.PicksVisit) = ("b", "b-visit");

        var token = await App.GrantAsync("page", "launch/patient launch/encounter patient/Observation.rs?category=laboratory patient/*.rs");

        Assert.Equal(("b", "b-visit"), (token["patient"]!.GetValue<string>(), token["encounter"]!.GetValue<string>()));
        Assert.Contains("See measurements, test results and other observations where category is laboratory in the record of Pat Famb", App.Page, StringComparison.Ordinal);
        Assert.Equal(3, App.Pages);
    }

    [Fact]
    public async Task A_patient_who_cannot_be_seen_cannot_be_picked()
    {
        var id = await Server.UserAsync("clerk" + Guid.NewGuid().ToString("N")[..6], FhirServer.Security.Accounts.Schema.AccountKind.Staff, "auditor", "Practitioner/clerk");
        await App.SignInAsync(id);

        Assert.Null(await App.AuthorizeAsync(App.Request("page", "launch/patient patient/*.rs")));
        Assert.Contains("No patient matches", App.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_inside_the_EHR_an_app_gets_what_is_open_there_once()
    {
        await App.SignInAsync(Server.DoctorId);
        var launch = await LaunchAsync("""{"client_id":"page","patient":"a","encounter":"a-visit","intent":"reconcile","fhirContext":[{"reference":"Encounter/a-visit"}]}""");

        var token = await App.GrantAsync("page", "launch patient/*.rs", ("launch", launch));

        Assert.Equal(("a", "a-visit", "reconcile"), (token["patient"]!.GetValue<string>(), token["encounter"]!.GetValue<string>(), token["intent"]!.GetValue<string>()));
        Assert.Equal("Encounter/a-visit", token["fhirContext"]![0]!["reference"]!.GetValue<string>());
        Assert.Equal("invalid_request", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "launch patient/*.rs", ("launch", launch)))));
    }

    [Fact]
    public async Task A_launch_is_for_its_app_its_user_and_a_few_minutes()
    {
        await App.SignInAsync(Server.DoctorId);
        var launch = await LaunchAsync("""{"client_id":"page","patient":"a"}""");
        Assert.Equal("invalid_request", SmartApp.Error(await App.AuthorizeAsync(App.Request("confidential", "launch patient/*.rs", ("launch", launch)))));
        Assert.Equal("invalid_request", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "launch patient/*.rs", ("launch", "made-up")))));
        Assert.Equal("invalid_request", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "launch patient/*.rs"))));

        var other = new SmartApp(Server);
        await other.SignInAsync(Server.PatientId);
        Assert.Equal("invalid_request", SmartApp.Error(await other.AuthorizeAsync(other.Request("page", "launch patient/*.rs", ("launch", launch)))));
        await App.GrantAsync("page", "launch patient/*.rs", ("launch", launch));

        var late = await LaunchAsync("""{"client_id":"page","patient":"a"}""");
        Server.Clock.Forward(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_request", SmartApp.Error(await App.AuthorizeAsync(App.Request("page", "launch patient/*.rs", ("launch", late)))));
    }

    [Fact]
    public async Task Only_our_own_pages_open_apps()
    {
        const string body = """{"client_id":"page","patient":"a"}""";
        Assert.Equal(401, (await PostAsync(body)).Status);
        await App.SignInAsync(Server.DoctorId);
        Assert.Equal(401, (await App.SendAsync(HttpMethod.Post, "/auth/launch", json: body)).Status);
        Assert.Equal(401, (await App.SendAsync(HttpMethod.Post, "/auth/launch", json: body, headers: [(BearerCallers.WebAppHeader, "1"), ("Origin", "https://evil.example.org")])).Status);
        Assert.Equal(403, (await App.SendAsync(HttpMethod.Post, "/auth/launch", json: body, headers: [("Authorization", "Bearer " + Server.AdministratorToken)])).Status);
        Assert.Equal(400, (await PostAsync("""{"patient":"a"}""")).Status);
        Assert.Equal(400, (await PostAsync("""{"client_id":"backend"}""")).Status);
        Assert.Equal(404, (await PostAsync("""{"client_id":"page","patient":"nobody"}""")).Status);
        Assert.Equal(404, (await PostAsync("""{"client_id":"page","patient":"a","encounter":"b-visit"}""")).Status);
        Assert.Equal(200, (await PostAsync(body)).Status);
    }

    [Fact]
    public async Task Our_own_pages_call_the_API_with_the_session_and_other_pages_cannot()
    {
        await App.SignInAsync(Server.DoctorId);
        Assert.Equal(200, (await App.SendAsync(HttpMethod.Get, "/fhir/Patient/a", headers: [(BearerCallers.WebAppHeader, "1"), ("Sec-Fetch-Site", "same-origin")])).Status);
        Assert.Equal(200, (await App.SendAsync(HttpMethod.Get, "/fhir/Patient/a", headers: [(BearerCallers.WebAppHeader, "1"), ("Origin", Server.Root)])).Status);
        Assert.Equal(401, (await App.SendAsync(HttpMethod.Get, "/fhir/Patient/a")).Status);
        Assert.Equal(401, (await App.SendAsync(HttpMethod.Get, "/fhir/Patient/a", headers: [("Sec-Fetch-Site", "same-origin")])).Status);
        Assert.Equal(401, (await App.SendAsync(HttpMethod.Get, "/fhir/Patient/a", headers: [(BearerCallers.WebAppHeader, "1"), ("Sec-Fetch-Site", "same-site")])).Status);
    }

    private async Task<string> LaunchAsync(string body)
    {
        var reply = await PostAsync(body);
        Assert.True(reply.Status == 200, reply.Body);
        var json = JsonNode.Parse(reply.Body)!;
        Assert.Equal(Server.BaseUrl, json["iss"]!.GetValue<string>());
        return json["launch"]!.GetValue<string>();
    }

    private async Task<(int Status, string Body)> PostAsync(string body)
    {
        var reply = await App.SendAsync(HttpMethod.Post, "/auth/launch", json: body, headers: [(BearerCallers.WebAppHeader, "1"), ("Origin", Server.Root)]);
        return (reply.Status, reply.Body);
    }
}

public sealed class SqliteLaunchTests(SqliteSmartServer server) : LaunchTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresLaunchTests(PostgresSmartServer server) : LaunchTests(server), IClassFixture<PostgresSmartServer>;
