using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary>Who may import, what, and whose an import is.</summary>
public sealed class ImportClientTests(SqliteSmartServer server) : OnSmartServer(server), IClassFixture<SqliteSmartServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_imports_what_its_scopes_reach_and_only_it_sees_what_became_of_it()
    {
        foreach (var id in (string[])["imp-own", "imp-other"])
            await Server.BackendAsync(id, "system/Patient.cruds", Server.KeySet());
        var (own, other) = (await TokenAsync("imp-own", "system/Patient.cruds"), await TokenAsync("imp-other", "system/Patient.cruds"));
        using var accepted = await SendAsync(own, HttpMethod.Post, "$import", Patient("imp-1") + "\n" + """{"resourceType":"Organization","id":"imp-2"}""" + "\n" + """{"resourceType":"Patient","id":"imp-3","meta":{"security":[{"code":"R"}]}}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var status = accepted.Content.Headers.ContentLocation!.ToString();

        var manifest = await FinishedAsync(own, status);
        Assert.Equal((1, 2), (manifest["output"]![0]!["created"]!.GetValue<int>(), manifest["output"]![0]!["refused"]!.GetValue<int>()));
        using var errors = await SendAsync(own, HttpMethod.Get, status + "/errors");
        var told = await errors.Content.ReadAsStringAsync(Ct);
        Assert.Contains("You may not import Organization", told, StringComparison.Ordinal);
        Assert.Contains("label.write", told, StringComparison.Ordinal);
        foreach (var token in (string?[])[other, Server.AdministratorToken, await TokenAsync("imp-own", "system/Patient.cruds system/Observation.cruds")])
            foreach (var url in (string[])[status, status + "/errors"])
                using (var hidden = await SendAsync(token, HttpMethod.Get, url))
                    Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        using var nobody = await SendAsync(null, HttpMethod.Get, status);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    /// <summary>Whoever asked for it elsewhere is not the one who imports, whose rights are wide.</summary>
    [Fact]
    [Trait("Requirement", "S-40")]
    public async Task A_subscription_that_comes_by_an_import_is_off_until_somebody_writes_it()
    {
        await Server.BackendAsync("imp-sub", "system/*.cruds", Server.KeySet());
        var token = await TokenAsync("imp-sub", "system/*.cruds");
        const string Subscription = """{"resourceType":"Subscription","id":"imp-s1","status":"active","reason":"x","criteria":"Patient?family=Imported","channel":{"type":"rest-hook","endpoint":"https://subscriber.example/x"}}""";
        using (var accepted = await SendAsync(token, HttpMethod.Post, "$import", Subscription))
        {
            var manifest = await FinishedAsync(token, accepted.Content.Headers.ContentLocation!.ToString());
            Assert.True(manifest["output"]![0]!["created"]!.GetValue<int>() == 1, manifest.ToJsonString());
        }

        Assert.Equal("off", await StateAsync());
        using (var written = await SendAsync(token, HttpMethod.Put, "Subscription/imp-s1", Subscription.Replace("\"active\"", "\"requested\"", StringComparison.Ordinal), "application/fhir+json"))
            Assert.Equal(HttpStatusCode.OK, written.StatusCode);
        Assert.NotEqual("off", await StateAsync());

        async Task<string> StateAsync()
        {
            using var reply = await SendAsync(token, HttpMethod.Get, "Subscription/imp-s1/$status");
            var parameters = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Ct))!["entry"]![0]!["resource"]!["parameter"]!.AsArray();
            return (string)parameters.First(p => (string?)p!["name"] == "status")!["valueCode"]!;
        }
    }

    [Theory]
    [InlineData("system/*.rs", "")]
    [InlineData("system/*.cu", "")]
    [InlineData("system/Patient.cruds?gender=female", "")]
    [InlineData("system/Patient.cruds", "?type=Observation")]
    public async Task Less_than_that_imports_nothing(string scope, string query)
    {
        var id = "imp-" + Guid.NewGuid().ToString("N")[..8];
        await Server.BackendAsync(id, scope, Server.KeySet());

        using var reply = await SendAsync(await TokenAsync(id, scope), HttpMethod.Post, "$import" + query, Patient(id));

        Assert.Equal(HttpStatusCode.Forbidden, reply.StatusCode);
    }

    [Fact]
    public async Task Of_what_never_came_a_client_is_told_what_it_could_read()
    {
        await Server.BackendAsync("imp-missing", "system/Patient.cruds", Server.KeySet());
        var token = await TokenAsync("imp-missing", "system/Patient.cruds");
        using var accepted = await SendAsync(token, HttpMethod.Post, "$import", """{"resourceType":"Patient","id":"imp-m","managingOrganization":{"reference":"Organization/imp-hidden"},"link":[{"type":"seealso","other":{"reference":"Patient/imp-never"}}]}""");
        var status = accepted.Content.Headers.ContentLocation!.ToString();

        var manifest = await FinishedAsync(token, status);
        using var errors = await SendAsync(token, HttpMethod.Get, status + "/errors");
        var told = await errors.Content.ReadAsStringAsync(Ct);

        Assert.Equal((1, 1), (manifest["output"]![0]!["created"]!.GetValue<int>(), manifest["missing"]!.GetValue<int>()));
        Assert.Contains("Patient/imp-never", told, StringComparison.Ordinal);
        Assert.DoesNotContain("imp-hidden", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_may_not_and_files_of_the_server_are_for_operators()
    {
        var user = await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", Server.DoctorId, ["user/*.cruds"], TimeSpan.FromMinutes(5));
        using var refused = await SendAsync(user, HttpMethod.Post, "$import", Patient("imp-user"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        await Server.BackendAsync("imp-file", "system/*.cruds", Server.KeySet());
        using var file = await SendAsync(await TokenAsync("imp-file", "system/*.cruds"), HttpMethod.Post, "$import", """{"input":[{"url":"file:x.ndjson"}]}""", "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, file.StatusCode);
        Assert.Contains("job.manage", await file.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    private static string Patient(string id) => $$"""{"resourceType":"Patient","id":"{{id}}"}""";

    private Task<string> TokenAsync(string client, string scope) => Server.Services.GetRequiredService<TokenMint>().MakeAsync(client, client, scope.Split(' '), TimeSpan.FromMinutes(5));

    private async Task<HttpResponseMessage> SendAsync(string? token, HttpMethod method, string url, string? body = null, string contentType = "application/fhir+ndjson")
    {
        using var request = new HttpRequestMessage(method, url);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (url.StartsWith("$import", StringComparison.Ordinal))
            request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        using var http = new HttpClient { BaseAddress = Server.Http.BaseAddress }; // that of the server has a token of its own
        return await http.SendAsync(request, Ct);
    }

    private async Task<JsonNode> FinishedAsync(string token, string status)
    {
        while (true)
        {
            using var reply = await SendAsync(token, HttpMethod.Get, status);
            var text = await reply.Content.ReadAsStringAsync(Ct);
            if (reply.StatusCode != HttpStatusCode.Accepted)
            {
                Assert.True(reply.StatusCode == HttpStatusCode.OK, text);
                return JsonNode.Parse(text)!;
            }

            await Task.Delay(20, Ct);
        }
    }
}
