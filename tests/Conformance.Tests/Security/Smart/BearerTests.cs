using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Security.Smart.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>What counts as an access token, and each thing that looks like one and does not (security S-15).</summary>
[Trait("Requirement", "S-15")]
public abstract class BearerTests(SmartServer server) : OnSmartServer(server)
{
    [Theory]
    [InlineData("GET", "metadata", 200)]
    [InlineData("OPTIONS", "Patient/a", 204)]
    [InlineData("GET", "Patient/a", 401)]
    [InlineData("GET", "Patient", 401)]
    [InlineData("GET", "Patient/nobody", 401)]
    [InlineData("GET", "_history", 401)]
    [InlineData("GET", "$graphql", 401)]
    [InlineData("POST", "Patient", 401)]
    [InlineData("POST", "", 401)]
    [InlineData("DELETE", "Patient/a", 401)]
    public async Task Without_a_token_only_the_statement_can_be_read(string method, string path, int status)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Server.BaseUrl}/{path}");
        if (method == "POST")
            request.Content = new StringContent("""{"resourceType":"Patient"}""", Encoding.UTF8, "application/fhir+json");
        using var reply = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)reply.StatusCode);
        if (status != 401)
            return;
        Assert.Equal("Bearer", reply.Headers.WwwAuthenticate.Single().Scheme);
        var outcome = JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(("OperationOutcome", "login"), (outcome["resourceType"]!.GetValue<string>(), outcome["issue"]![0]!["code"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("Basic ZG9jdG9yOng=")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer x")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer {token}x")]
    [InlineData("Token {token}")]
    public async Task Other_headers_are_refused(string header)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Server.BaseUrl}/Patient/a");
        request.Headers.TryAddWithoutValidation("Authorization", header.Replace("{token}", Server.AdministratorToken, StringComparison.Ordinal));
        using var reply = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(401, (int)reply.StatusCode);
        Assert.Equal(200, await ReadAsync(Server.AdministratorToken));
    }

    [Theory]
    [InlineData("nothing", 200)]
    [InlineData("alg none", 401)]
    [InlineData("alg HS256 by the public key", 401)]
    [InlineData("another key", 401)]
    [InlineData("another kid", 401)]
    [InlineData("no kid", 401)]
    [InlineData("jwk", 401)]
    [InlineData("crit", 401)]
    [InlineData("typ JWT", 401)]
    [InlineData("typ oi_reft+jwt", 401)]
    [InlineData("aud", 401)]
    [InlineData("iss", 401)]
    [InlineData("exp", 401)]
    [InlineData("no exp", 401)]
    [InlineData("sub", 401)]
    [InlineData("client_id", 401)]
    [InlineData("oi_tkn_id", 401)]
    [InlineData("no oi_tkn_id", 401)]
    [InlineData("no jti", 401)]
    public async Task A_token_with_anything_wrong_is_no_token(string what, int status)
    {
        var parts = Server.AdministratorToken.Split('.');
        var header = JsonNode.Parse(Base64UrlEncoder.Decode(parts[0]))!.AsObject();
        var claims = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!.AsObject();
        var key = ((ECDsaSecurityKey)Server.Services.GetRequiredService<TokenKeys>().Find(header["kid"]!.GetValue<string>())!).ECDsa;
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var sign = Jws.Ec(key, HashAlgorithmName.SHA256);
        switch (what)
        {
            case "alg none":
                header["alg"] = "none";
                sign = Jws.None;
                break;
            case "alg HS256 by the public key":
                header["alg"] = "HS256";
                sign = Jws.Hmac(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()));
                break;
            case "another key":
                sign = Jws.Ec(stranger, HashAlgorithmName.SHA256);
                break;
            case "another kid":
                header["kid"] = "another";
                break;
            case "no kid":
                header.Remove("kid");
                break;
            case "jwk":
                var own = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(stranger));
                header["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = own.X, ["y"] = own.Y };
                break;
            case "crit":
                header["crit"] = new JsonArray("exp");
                break;
            case "typ JWT" or "typ oi_reft+jwt":
                header["typ"] = what[4..];
                break;
            case "aud":
                claims["aud"] = "https://other.example.org/fhir";
                break;
            case "iss":
                claims["iss"] = "https://other.example.org/";
                break;
            case "exp":
                claims["exp"] = Server.Clock.GetUtcNow().AddSeconds(-1).ToUnixTimeSeconds();
                break;
            case "sub":
                claims["sub"] = Server.DoctorId;
                break;
            case "client_id":
                claims["client_id"] = "backend";
                break;
            case "oi_tkn_id":
                claims["oi_tkn_id"] = "999999";
                break;
            case "no exp" or "no oi_tkn_id" or "no jti":
                claims.Remove(what[3..]);
                break;
        }

        Assert.Equal(status, await ReadAsync(Jws.Make(header, claims, sign)));
    }

    [Fact]
    public async Task Other_tokens_of_ours_are_not_taken_for_it()
    {
        await App.SignInAsync(Server.DoctorId);
        var code = await App.CodeAsync("page", "openid user/Patient.rs offline_access");
        Assert.Equal(401, await ReadAsync(code));
        var (_, token) = await App.ExchangeAsync("page", code);

        Assert.Equal(401, await ReadAsync(token["id_token"]!.GetValue<string>()));
        Assert.Equal(401, await ReadAsync(token["refresh_token"]!.GetValue<string>()));
        Assert.Equal(200, await ReadAsync(token["access_token"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_access_token_ends_with_its_hour()
    {
        await App.SignInAsync(Server.DoctorId);
        var token = (await App.GrantAsync("page", "user/Patient.rs"))["access_token"]!.GetValue<string>();
        Server.Clock.Forward(TimeSpan.FromMinutes(59));
        Assert.Equal(200, await ReadAsync(token));
        Server.Clock.Forward(TimeSpan.FromMinutes(2));
        Assert.Equal(401, await ReadAsync(token));
    }

    [Fact]
    public async Task Keys_can_be_changed_while_tokens_are_out()
    {
        await App.SignInAsync(Server.DoctorId);
        var before = await App.GrantAsync("page", "user/Patient.rs offline_access");
        var keys = Server.Services.GetRequiredService<TokenKeys>();
        var old = keys.Ring.Signing[0].Kid;
        keys.Rotate(atOnce: true);
        Assert.NotEqual(old, keys.Ring.Signing[0].Kid);

        var after = await App.GrantAsync("page", "user/Patient.rs");

        Assert.Equal(keys.Ring.Signing[0].Kid, new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(after["access_token"]!.GetValue<string>()).Kid);
        Assert.Equal(200, await ReadAsync(before["access_token"]!.GetValue<string>()));
        Assert.Equal(200, await ReadAsync(after["access_token"]!.GetValue<string>()));
        Assert.Equal(200, (await App.RefreshAsync("page", before["refresh_token"]!.GetValue<string>())).Status);
        var published = JsonNode.Parse((await App.SendAsync(HttpMethod.Get, "/.well-known/jwks")).Body)!["keys"]!.AsArray();
        Assert.Equal(2, published.Count(k => k!["kid"]!.GetValue<string>() is { } kid && (kid == old || kid == keys.Ring.Signing[0].Kid)));
        Assert.All(published, k => Assert.Null(k!["d"]));
    }
}

public sealed class SqliteBearerTests(SqliteSmartServer server) : BearerTests(server), IClassFixture<SqliteSmartServer>;

public sealed class PostgresBearerTests(PostgresSmartServer server) : BearerTests(server), IClassFixture<PostgresSmartServer>;
