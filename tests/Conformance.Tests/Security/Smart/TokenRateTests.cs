using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>How many tokens are given in a minute (security §8): one to each party, so that the second is too many on any machine.</summary>
public sealed class TokenRateTests(TokenRateTests.LimitedServer server) : IClassFixture<TokenRateTests.LimitedServer>
{
    [Fact]
    public async Task A_back_end_beyond_the_rate_gets_429_in_the_words_of_OAuth_from_this_machine_too()
    {
        Assert.Equal(200, (await AskAsync("backend")).Status);

        AssertThrottled(await AskAsync("backend"));
        await server.BackendAsync("second", "system/*.rs", server.KeySet());
        Assert.Equal(200, (await AskAsync("second")).Status);
    }

    [Fact]
    public async Task Somebody_who_only_claims_to_be_a_client_uses_up_nothing_of_it()
    {
        await server.BackendAsync("third", "system/*.rs", server.KeySet());
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        for (var n = 0; n < 3; n++)
            Assert.Equal(401, (await AskAsync("third", stranger)).Status);

        Assert.Equal(200, (await AskAsync("third")).Status);
    }

    [Fact]
    public async Task An_app_is_counted_for_each_of_its_users_and_a_code_that_came_too_early_stays_good()
    {
        var (doctor, patient) = (new SmartApp(server), new SmartApp(server));
        await doctor.SignInAsync(server.DoctorId);
        await patient.SignInAsync(server.PatientId);
        await doctor.GrantAsync("page", "user/Patient.rs");
        await patient.GrantAsync("page", "patient/Patient.rs launch/patient");

        var code = await doctor.CodeAsync("page", "user/Patient.rs");
        for (var n = 0; n < 2; n++) // a code that has been used ends everything it gave (security S-17): this one was not
        {
            var (status, json) = await doctor.ExchangeAsync("page", code);
            Assert.Equal((429, "temporarily_unavailable"), (status, json["error"]!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task An_address_beyond_the_rate_gets_429_whatever_it_shows()
    {
        Assert.Equal(400, (await PostAsync("/auth/token", "192.0.2.11")).Status);

        AssertThrottled(await PostAsync("/auth/token", "192.0.2.11"));
        Assert.Equal(400, (await PostAsync("/auth/token", "192.0.2.12")).Status);
    }

    [Theory]
    [InlineData("/auth/introspect", "192.0.2.13")]
    [InlineData("/auth/revoke", "192.0.2.14")]
    public async Task A_secret_is_guessed_at_the_same_rate_and_who_proves_themself_is_not_counted(string path, string address)
    {
        for (var n = 0; n < 3; n++)
            Assert.Equal(200, (await PostAsync(path, address, ("client_id", "confidential"), ("client_secret", server.Secret), ("token", "x"))).Status);
        Assert.Equal(401, (await PostAsync(path, address, ("client_id", "confidential"), ("client_secret", "wrong"), ("token", "x"))).Status);

        AssertThrottled(await PostAsync(path, address, ("client_id", "confidential"), ("client_secret", server.Secret), ("token", "x")));
    }

    private Task<(int Status, JsonNode Json, string? RetryAfter)> AskAsync(string client, ECDsa? key = null) => PostAsync("/auth/token", "127.0.0.1",
        ("grant_type", "client_credentials"), ("scope", "system/Patient.rs"), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", Jws.Make(
            new() { ["alg"] = "ES384", ["kid"] = "ec", ["typ"] = "JWT" },
            new()
            {
                ["iss"] = client,
                ["sub"] = client,
                ["aud"] = server.Root + "/auth/token",
                ["exp"] = server.Clock.GetUtcNow().AddMinutes(4).ToUnixTimeSeconds(),
                ["jti"] = Guid.NewGuid().ToString(),
            },
            Jws.Ec(key ?? server.BackendKey, HashAlgorithmName.SHA384))));

    private async Task<(int Status, JsonNode Json, string? RetryAfter)> PostAsync(string path, string from, params (string Name, string Value)[] form)
    {
        var (status, body, _, headers) = await new SmartApp(server).SendAsync(HttpMethod.Post, path, form.Select(f => KeyValuePair.Create(f.Name, f.Value)), null, ("X-Forwarded-For", from));
        return (status, body.Length == 0 ? new JsonObject() : JsonNode.Parse(body)!, headers.GetValueOrDefault("Retry-After"));
    }

    private static void AssertThrottled((int Status, JsonNode Json, string? RetryAfter) reply)
    {
        Assert.Equal((429, "temporarily_unavailable"), (reply.Status, reply.Json["error"]?.GetValue<string>()));
        Assert.InRange(int.Parse(reply.RetryAfter!, CultureInfo.InvariantCulture), 1, 60);
    }

    public sealed class LimitedServer() : SmartServer(null)
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
        {
            ["Outbound:AllowLoopback"] = "true",
            ["Proxy:Trusted"] = "127.0.0.1, ::1",
            ["Limits:TokensPerMinute"] = "1",
        };
    }
}
