using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>SMART Backend Services: assertions that count, and each way in which one does not (security S-14).</summary>
[Trait("Requirement", "S-10")]
[Trait("Requirement", "S-14")]
[Trait("Requirement", "S-19")]
public abstract class BackendTests(SmartServer server) : OnSmartServer(server)
{
    private const string Refusal = "The client could not be authenticated.";

    [Theory]
    [InlineData("ES384", "ec")]
    [InlineData("RS384", "rsa")]
    [InlineData("RS256", "rsa")]
    [InlineData("PS384", "rsa")]
    public async Task A_signed_assertion_gets_a_token_for_five_minutes(string algorithm, string kid)
    {
        var (status, token) = await AskAsync(Sign(Header(algorithm, kid), Claims()));

        Assert.True(status == 200, token.ToJsonString());
        Assert.Equal("system/Patient.rs", token["scope"]!.GetValue<string>());
        Assert.InRange(token["expires_in"]!.GetValue<int>(), 1, 300);
        Assert.Null(token["refresh_token"]);
        Assert.Null(token["patient"]);
        Assert.Equal(200, await ReadAsync(token["access_token"]!.GetValue<string>()));
        Server.Clock.Forward(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        Assert.Equal(401, await ReadAsync(token["access_token"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("aud", "{issuer}")]
    [InlineData("aud", "{token}")]
    [InlineData("iat", "now")]
    [InlineData("exp", "soon")]
    public async Task What_the_specification_leaves_open_is_taken(string claim, string value)
    {
        var (status, json) = await AskAsync(Sign(Header(), Changed(claim, value)));

        Assert.True(status == 200, json.ToJsonString());
    }

    [Theory]
    [InlineData("iss", "another")]
    [InlineData("iss", null)]
    [InlineData("sub", "another")]
    [InlineData("sub", null)]
    [InlineData("aud", "https://other.example.org/token")]
    [InlineData("aud", "{base}")]
    [InlineData("aud", "[two]")]
    [InlineData("aud", null)]
    [InlineData("exp", "past")]
    [InlineData("exp", "far")]
    [InlineData("exp", "huge")]
    [InlineData("exp", "text")]
    [InlineData("exp", null)]
    [InlineData("nbf", "far")]
    [InlineData("iat", "far")]
    [InlineData("jti", null)]
    [InlineData("jti", "")]
    public async Task A_claim_that_is_wrong_is_the_same_refusal(string claim, string? value)
    {
        Refused(await AskAsync(Sign(Header(), Changed(claim, value))));
        Assert.Equal(200, (await AskAsync(Sign(Header(), Claims()))).Status);
    }

    [Theory]
    [InlineData("alg", "none")]
    [InlineData("alg", "HS256")]
    [InlineData("alg", "ES256")]
    [InlineData("alg", "RS384")]
    [InlineData("kid", "rsa")]
    [InlineData("kid", "unknown")]
    [InlineData("kid", null)]
    [InlineData("typ", "at+jwt")]
    [InlineData("jku", "https://evil.example.org/jwks.json")]
    [InlineData("jwk", "{}")]
    [InlineData("x5c", "[]")]
    [InlineData("x5u", "https://evil.example.org/cert")]
    [InlineData("crit", "[\"exp\"]")]
    public async Task A_header_that_would_have_us_believe_it_is_the_same_refusal(string name, string? value)
    {
        var header = Header();
        if (value is null)
            header.Remove(name);
        else
            header[name] = name is "jwk" or "x5c" or "crit" ? JsonNode.Parse(value) : value;

        Refused(await AskAsync(Sign(header, Claims())));
        Assert.Equal(200, (await AskAsync(Sign(Header(), Claims()))).Status);
    }

    [Fact]
    public async Task A_public_key_is_no_secret_and_a_strangers_key_is_none()
    {
        var pub = Encoding.UTF8.GetBytes(Server.KeySet());
        Refused(await AskAsync(Jws.Make(Header("HS256", "rsa"), Claims(), Jws.Hmac(pub))));
        Refused(await AskAsync(Jws.Make(Header("HS256", "rsa"), Claims(), Jws.Hmac(Server.BackendRsa.ExportSubjectPublicKeyInfo()))));
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Refused(await AskAsync(Jws.Make(Header(), Claims(), Jws.Ec(stranger, HashAlgorithmName.SHA384))));
        var good = Sign(Header(), Claims());
        Refused(await AskAsync(good[..^4] + "AAAA"));
        Refused(await AskAsync("x.y.z"));
        Refused(await AskAsync("e30.e30."));
        Refused(await AskAsync(new string('x', 20_000)));
        Assert.Equal(200, (await AskAsync(good)).Status);
    }

    [Fact]
    public async Task An_assertion_counts_once_whoever_shows_it_again()
    {
        var assertion = Sign(Header(), Claims());
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AskAsync(assertion)));

        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), Refused);
        Server.Clock.Forward(TimeSpan.FromMinutes(3));
        Refused(await AskAsync(assertion));
    }

    [Fact]
    public async Task The_client_named_beside_it_has_to_be_the_same()
    {
        Refused(await AskAsync(Sign(Header(), Claims()), ("client_id", "confidential")));
        Assert.Equal(200, (await AskAsync(Sign(Header(), Claims()), ("client_id", "backend"))).Status);
    }

    [Theory]
    [InlineData("patient/Patient.rs")]
    [InlineData("user/Patient.rs")]
    [InlineData("system/Patient.cruds")]
    [InlineData("openid")]
    [InlineData(null)]
    public async Task It_gets_what_it_is_registered_for_and_nothing_else(string? scope)
    {
        var (status, json) = await AskAsync(Sign(Header(), Claims()), ("scope", scope));

        Assert.Equal((400, "invalid_scope"), (status, json["error"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Keys_come_from_the_registered_address_and_are_looked_for_again_when_they_have_changed()
    {
        await using var keys = await KeyServer.StartAsync(Server.KeySet());
        await Server.Clients.AddAsync(new("fetched", ClientKind.System) { Scopes = ["system/*.rs"], JwksUri = keys.Address, Roles = [BuiltInRoles.SystemClient.Name] }, "test", TestContext.Current.CancellationToken);
        Assert.Equal(200, (await AskAsync(Sign(Header(), Claims("fetched")))).Status);
        var header = Header();
        header["jku"] = keys.Address;
        Assert.Equal(200, (await AskAsync(Sign(header, Claims("fetched")))).Status);
        Assert.Equal(1, keys.Asked);

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        keys.Document = Server.KeySet().Replace("\"ec\"", "\"ec2\"", StringComparison.Ordinal);
        var renamed = Header("ES384", "ec2");
        Refused(await AskAsync(Sign(renamed, Claims("fetched")))); // asked a moment ago
        Server.Clock.Forward(TimeSpan.FromSeconds(31));
        Assert.Equal(200, (await AskAsync(Sign(renamed, Claims("fetched")))).Status);
        Assert.Equal(2, keys.Asked);

        // Away for a while: known keys count, unknown ones do not.
        keys.Document = null;
        Server.Clock.Forward(TimeSpan.FromMinutes(20));
        Assert.Equal(200, (await AskAsync(Sign(renamed, Claims("fetched")))).Status);
        Refused(await AskAsync(Sign(Header("ES384", "ec3"), Claims("fetched"))));
    }

    [Fact]
    public async Task A_client_may_come_only_from_its_networks()
    {
        await Server.Clients.AddAsync(new("elsewhere", ClientKind.System) { Scopes = ["system/*.rs"], Jwks = Server.KeySet(), Networks = ["192.0.2.0/24"], Roles = ["system-client"] }, "test", TestContext.Current.CancellationToken);
        await Server.Clients.AddAsync(new("here", ClientKind.System) { Scopes = ["system/*.rs"], Jwks = Server.KeySet(), Networks = ["127.0.0.0/8"], Roles = ["system-client"] }, "test", TestContext.Current.CancellationToken);

        Refused(await AskAsync(Sign(Header(), Claims("elsewhere"))));
        Assert.Equal(200, (await AskAsync(Sign(Header(), Claims("here")))).Status);
    }

    private Task<(int Status, JsonNode Json)> AskAsync(string assertion, params (string Name, string? Value)[] other)
    {
        var form = new Dictionary<string, string?>
        {
            ["grant_type"] = "client_credentials",
            ["scope"] = "system/Patient.rs",
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = assertion,
        };
        foreach (var (name, value) in other)
            if (value is null)
                form.Remove(name);
            else
                form[name] = value;
        return App.TokenAsync(form);
    }

    private static void Refused((int Status, JsonNode Json) reply) =>
        Assert.Equal((401, "invalid_client", Refusal), (reply.Status, reply.Json["error"]?.GetValue<string>(), reply.Json["error_description"]?.GetValue<string>()));

    private static JsonObject Header(string algorithm = "ES384", string kid = "ec") => new() { ["alg"] = algorithm, ["kid"] = kid, ["typ"] = "JWT" };

    private JsonObject Claims(string client = "backend") => new()
    {
        ["iss"] = client,
        ["sub"] = client,
        ["aud"] = Server.Root + "/auth/token",
        ["exp"] = Seconds(4),
        ["jti"] = Guid.NewGuid().ToString(),
    };

    private JsonObject Changed(string claim, string? value)
    {
        var claims = Claims();
        claims.Remove(claim);
        if (value is not null)
            claims[claim] = value switch
            {
                "{issuer}" => Server.Root + "/",
                "{token}" => new JsonArray(Server.Root + "/auth/token"),
                "{base}" => Server.BaseUrl,
                "[two]" => new JsonArray(Server.Root + "/auth/token", "https://other.example.org"),
                "now" => Seconds(0),
                "soon" => Seconds(1),
                "past" => Seconds(-2),
                "far" => Seconds(20),
                "huge" => 1e300,
                _ => value,
            };
        return claims;
    }

    private long Seconds(int minutes) => Server.Clock.GetUtcNow().AddMinutes(minutes).ToUnixTimeSeconds();

    /// <summary>By the key that the algorithm wants; by the client's own for what is no algorithm of ours.</summary>
    private string Sign(JsonObject header, JsonObject claims) => Jws.Make(header, claims, header["alg"]!.GetValue<string>() switch
    {
        "RS384" => Jws.Rsa(Server.BackendRsa, HashAlgorithmName.SHA384),
        "RS256" => Jws.Rsa(Server.BackendRsa, HashAlgorithmName.SHA256),
        "PS384" => Jws.Rsa(Server.BackendRsa, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        "none" => Jws.None,
        "HS256" => Jws.Hmac(Encoding.UTF8.GetBytes(Server.KeySet())),
        "ES256" => Jws.Ec(Server.BackendKey, HashAlgorithmName.SHA256),
        _ => Jws.Ec(Server.BackendKey, HashAlgorithmName.SHA384),
    });

    /// <summary>A client's own server, which publishes its keys.</summary>
    [Fact]
    [Trait("Requirement", "S-40")]
    public async Task Owners_of_subscriptions_may_what_they_may_today()
    {
        var ct = TestContext.Current.CancellationToken;
        await Server.BackendAsync("subscriber", "system/Patient.rs system/Observation.rs", Server.KeySet());
        var client = new Principal("subscriber", "t", "system/Patient.rs system/Observation.rs system/Claim.rs");
        var plan = await PlanAsync(client);
        Assert.Equal((true, true, false), (plan!.CanSearch("Patient"), plan.CanSearch("Observation"), plan.CanSearch("Claim"))); // it is registered for no claims
        await Server.Clients.DisableAsync("subscriber", "test", ct);
        Assert.Null(await PlanAsync(client));

        var id = await Server.UserAsync("subscribing", AccountKind.Staff, BuiltInRoles.FrontDesk.Name, null);
        var user = new Principal("page", "t", "user/*.rs") { UserId = id };
        Assert.True((await PlanAsync(user))!.CanSearch("Appointment"));
        await using (var accounts = await Server.Accounts.CreateDbContextAsync(ct))
        {
            (await accounts.Users.FirstAsync(u => u.Id == id, ct)).IsDisabled = true;
            await accounts.SaveChangesAsync(ct);
        }

        Assert.Null(await PlanAsync(user));
        Assert.Null(await PlanAsync(user with { UserId = "nobody" }));

        // Each time as if what is kept for a few seconds were over.
        async Task<AccessPlan?> PlanAsync(Principal principal) => await new SubscriptionOwners(
            Server.Services.GetRequiredService<IAccessPlanner>(), Server.Accounts, Server.Services.GetRequiredService<IOptions<AuthOptions>>(), TimeProvider.System).PlanAsync(principal, ct);
    }

    private sealed class KeyServer : IAsyncDisposable
    {
        private readonly WebApplication app;

        private KeyServer(WebApplication app) => this.app = app;

        public string? Document { get; set; }

        public int Asked { get; private set; }

        public string Address => app.Urls.First() + "/jwks.json";

        public static async Task<KeyServer> StartAsync(string document)
        {
            var builder = WebApplication.CreateSlimBuilder();
            var app = builder.Build();
            var server = new KeyServer(app) { Document = document };
            app.MapGet("/jwks.json", () =>
            {
                server.Asked++;
                return server.Document is { } text ? Results.Text(text, "application/json") : Results.StatusCode((int)HttpStatusCode.InternalServerError);
            });
            app.Urls.Add("http://127.0.0.1:0");
            await app.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}

public sealed class SqliteBackendTests(SqliteSmartServer server) : BackendTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresBackendTests(PostgresSmartServer server) : BackendTests(server), IClassFixture<PostgresSmartServer>;
