using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>What the server says of how to get in: the same everywhere, by its own address, and true.</summary>
[Trait("Requirement", "S-12")]
[Trait("Requirement", "S-18")]
[Trait("Requirement", "S-86")]
public abstract class DiscoveryTests(SmartServer server) : OnSmartServer(server)
{
    [Fact]
    public async Task The_documents_agree()
    {
        var smart = await GetAsync("/.well-known/smart-configuration");
        var openId = await GetAsync("/.well-known/openid-configuration");

        Assert.Equal(smart.ToJsonString(), (await GetAsync("/fhir/.well-known/smart-configuration")).ToJsonString());
        foreach (var name in (string[])["issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint"])
        {
            Assert.Equal(smart[name]!.GetValue<string>(), openId[name]!.GetValue<string>());
            Assert.StartsWith(Server.Root + "/", smart[name]!.GetValue<string>(), StringComparison.Ordinal);
        }

        foreach (var document in (JsonNode[])[smart, openId])
        {
            Assert.Equal(["S256"], Texts(document["code_challenge_methods_supported"]!));
            Assert.Equal(["code"], Texts(document["response_types_supported"]!));
            Assert.Equal(["authorization_code", "client_credentials", "refresh_token"], Texts(document["grant_types_supported"]!).Order());
            Assert.Equal(["client_secret_basic", "client_secret_post", "private_key_jwt"], Texts(document["token_endpoint_auth_methods_supported"]!).Order());
        }

        Assert.Equal(["query"], Texts(openId["response_modes_supported"]!));
        Assert.Superset(new HashSet<string> { "launch-ehr", "launch-standalone", "permission-v1", "permission-v2", "client-confidential-asymmetric" }, Texts(smart["capabilities"]!).ToHashSet());
    }

    [Fact]
    public async Task Another_host_in_the_request_is_not_repeated()
    {
        var reply = await App.SendAsync(HttpMethod.Get, "/.well-known/openid-configuration", headers: [("Host", $"localhost:{new Uri(Server.Root).Port}")]);

        Assert.Equal(200, reply.Status);
        Assert.DoesNotContain("localhost", reply.Body, StringComparison.Ordinal);
        Assert.Equal(403, (await App.SendAsync(HttpMethod.Get, "/.well-known/openid-configuration", headers: [("Host", "evil.example.org")])).Status);
    }

    [Fact]
    public async Task The_CapabilityStatement_names_the_endpoints()
    {
        var security = (await Server.GetAsync("metadata")).Json["rest"]![0]!["security"]!;

        Assert.Equal("SMART-on-FHIR", security["service"]![0]!["coding"]![0]!["code"]!.GetValue<string>());
        var uris = security["extension"]!.AsArray().Single()!["extension"]!.AsArray().ToDictionary(e => e!["url"]!.GetValue<string>(), e => e!["valueUri"]!.GetValue<string>());
        Assert.Equal($"{Server.Root}/auth/authorize", uris["authorize"]);
        Assert.Equal($"{Server.Root}/auth/token", uris["token"]);
    }

    [Theory]
    [InlineData("/.well-known/smart-configuration", "https://any.example.org", "*")]
    [InlineData("/.well-known/openid-configuration", "https://any.example.org", "*")]
    [InlineData("/.well-known/jwks", "https://any.example.org", "*")]
    [InlineData("/auth/token", "https://app.example.org", "https://app.example.org")]
    [InlineData("/fhir/Patient/a", "https://app.example.org", "https://app.example.org")]
    [InlineData("/auth/token", "https://any.example.org", null)]
    [InlineData("/fhir/Patient/a", "https://any.example.org", null)]
    [InlineData("/auth/token", "null", null)]
    public async Task Pages_of_registered_apps_may_call_and_others_only_read_what_is_public(string path, string origin, string? allowed)
    {
        var reply = await App.SendAsync(HttpMethod.Options, path, headers: [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")]);

        Assert.Equal(204, reply.Status);
        Assert.Equal(allowed, reply.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
        Assert.DoesNotContain("Access-Control-Allow-Credentials", reply.Headers.Keys);
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        var reply = await App.SendAsync(HttpMethod.Get, path);
        Assert.Equal(200, reply.Status);
        Assert.StartsWith("application/json", reply.Headers["Content-Type"], StringComparison.Ordinal);
        return JsonNode.Parse(reply.Body)!;
    }

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(t => t!.GetValue<string>());
}

public sealed class SqliteDiscoveryTests(SqliteSmartServer server) : DiscoveryTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresDiscoveryTests(PostgresSmartServer server) : DiscoveryTests(server), IClassFixture<PostgresSmartServer>;
