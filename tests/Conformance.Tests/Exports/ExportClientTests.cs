using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Security.Smart;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>Who may export, and whose an export is (security.md S-39).</summary>
[Trait("Requirement", "S-39")]
public abstract class ExportClientTests(SmartServer server) : OnSmartServer(server)
{
    [Fact]
    public async Task A_client_gets_its_own_export_and_nobody_else_does()
    {
        await ClientAsync("exp-own", "system/*.rs");
        await ClientAsync("exp-other", "system/*.rs");
        var (own, other) = (await TokenAsync("exp-own", "system/*.rs"), await TokenAsync("exp-other", "system/*.rs"));
        using var accepted = await SendAsync(own, HttpMethod.Get, "Patient/$export");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var status = accepted.Content.Headers.ContentLocation!.ToString();

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other, HttpMethod.Get, status));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(Server.AdministratorToken, HttpMethod.Get, status));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other, HttpMethod.Delete, status));
        var manifest = await FinishedAsync(own, status);
        var file = manifest["output"]!.AsArray().First(f => f!["type"]!.GetValue<string>() == "Patient")!["url"]!.GetValue<string>();
        Assert.Contains("Fama", await TextAsync(own, file), StringComparison.Ordinal);
        foreach (var url in (string[])[status, file])
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(other, HttpMethod.Get, url));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(await TokenAsync("exp-own", "system/Patient.rs"), HttpMethod.Get, url)); // rights of another key
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(null, HttpMethod.Get, url));
        }

        Assert.Equal(HttpStatusCode.Accepted, await StatusAsync(own, HttpMethod.Delete, status));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(own, HttpMethod.Get, file));
    }

    [Theory]
    [InlineData("system/Patient.rs", "$export?_type=Patient", HttpStatusCode.Accepted)]
    [InlineData("system/Patient.rs", "Patient/$export", HttpStatusCode.Accepted)]
    [InlineData("system/Patient.rs", "$export?_type=Patient,Encounter", HttpStatusCode.Forbidden)]
    [InlineData("system/Encounter.rs", "Patient/$export?_type=Encounter", HttpStatusCode.Forbidden)] // the type of the route counts, too
    [InlineData("system/Patient.r", "$export", HttpStatusCode.Forbidden)]
    [InlineData("system/Patient.rs?gender=female", "$export", HttpStatusCode.Forbidden)]
    public async Task Scopes_bound_what_is_exported(string scope, string address, HttpStatusCode expected)
    {
        var id = "exp-" + Guid.NewGuid().ToString("N")[..8];
        await ClientAsync(id, scope);

        using var reply = await SendAsync(await TokenAsync(id, scope), HttpMethod.Get, address);

        Assert.True(expected == reply.StatusCode, await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (expected == HttpStatusCode.Accepted)
            Assert.Equal(["Patient"], (await FinishedAsync(await TokenAsync(id, scope), reply.Content.Headers.ContentLocation!.ToString()))["output"]!.AsArray().Select(f => f!["type"]!.GetValue<string>()).Distinct());
    }

    [Fact]
    public async Task A_client_without_the_permission_and_a_user_with_all_of_them_may_not()
    {
        await Server.Clients.AddAsync(new("exp-clinician", ClientKind.System) { Scopes = ["system/*.rs"], Jwks = Server.KeySet(), Roles = [BuiltInRoles.Auditor.Name] }, "test", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(await TokenAsync("exp-clinician", "system/*.rs"), HttpMethod.Get, "$export"));

        var user = await Server.Services.GetRequiredService<TokenMint>().MakeAsync("page", Server.DoctorId, ["user/*.cruds"], TimeSpan.FromMinutes(5));
        Assert.NotEqual(HttpStatusCode.Accepted, await StatusAsync(user, HttpMethod.Get, "$export"));
    }

    private async Task ClientAsync(string id, string scope) => await Server.BackendAsync(id, scope, Server.KeySet());

    private Task<string> TokenAsync(string client, string scope) => Server.Services.GetRequiredService<TokenMint>().MakeAsync(client, client, [scope], TimeSpan.FromMinutes(5));

    private async Task<HttpResponseMessage> SendAsync(string? token, HttpMethod method, string url)
    {
        using var request = new HttpRequestMessage(method, url);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        using var http = new HttpClient { BaseAddress = Server.Http.BaseAddress }; // that of the server has a token of its own
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<HttpStatusCode> StatusAsync(string? token, HttpMethod method, string url)
    {
        using var reply = await SendAsync(token, method, url);
        return reply.StatusCode;
    }

    private async Task<string> TextAsync(string token, string url)
    {
        using var reply = await SendAsync(token, HttpMethod.Get, url);
        return await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private async Task<JsonNode> FinishedAsync(string token, string status)
    {
        while (true)
        {
            using var reply = await SendAsync(token, HttpMethod.Get, status);
            var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (reply.StatusCode != HttpStatusCode.Accepted)
            {
                Assert.True(reply.StatusCode == HttpStatusCode.OK, text);
                return JsonNode.Parse(text)!;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

public sealed class SqliteExportClientTests(SqliteSmartServer server) : ExportClientTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresExportClientTests(PostgresSmartServer server) : ExportClientTests(server), IClassFixture<PostgresSmartServer>;
