using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>The demo's token, and the commands on clients and keys beside a running server.</summary>
[Trait("Requirement", "S-19")]
public sealed class CommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-smart-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Requirement", "S-50")]
    public async Task A_demo_has_one_token_in_a_file_of_its_owner_and_seeds_actors_for_checks()
    {
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", folder);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.TokenFile));
        Assert.Equal(0, await server.CountAsync("Patient"));
        using var stranger = new HttpClient();
        Assert.Equal(401, (int)(await stranger.GetAsync($"{server.BaseUrl}/Patient", Ct)).StatusCode);

        var (code, output) = await ServerProcess.RunAsync("seed", "test-clients", "--json", "--Storage:DataFolder", folder);
        Assert.True(code == 0, output);
        var seeded = JsonNode.Parse(output)!;
        Assert.Equal(2, await server.CountAsync("Patient"));
        Assert.Superset(new HashSet<string> { "clinician", "biller", "auditor", "patient-a", "patient-b" }, seeded["users"]!.AsObject().Select(u => u.Key).ToHashSet());
        foreach (var (name, user) in seeded["users"]!.AsObject())
        {
            stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", user!["accessToken"]!.GetValue<string>());
            var status = (int)(await stranger.GetAsync($"{server.BaseUrl}/Patient/test-a", Ct)).StatusCode;
            Assert.True(status != 401, $"{name}: {status}");
        }

        // What the command did is in the audit of the server beside which it ran (S-50).
        while (await server.CountAsync("AuditEvent?subtype=account-created") < seeded["users"]!.AsObject().Count)
            await Task.Delay(50, Ct);
        var rows = await server.Http.GetStringAsync($"{server.BaseUrl}/AuditEvent?subtype=account-created&_count=100", Ct);
        Assert.Contains($"\"value\":\"{Environment.UserName} at the command line\"", rows, StringComparison.Ordinal);

        var (again, repeated) = await ServerProcess.RunAsync("seed", "test-clients", "--json", "--Storage:DataFolder", folder);
        Assert.True(again == 0, repeated);
    }

    [Fact]
    public async Task Clients_are_registered_listed_and_disabled()
    {
        var keys = Path.Combine(folder, "keys.json");
        await File.WriteAllTextAsync(keys, """{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""", Ct);
        var (_, added) = await ClientAsync("add", "nightly", "--kind", "system", "--scope", "system/*.rs", "--jwks", keys);
        Assert.Contains("nightly registered.", added, StringComparison.Ordinal);
        var (twice, taken) = await ClientAsync("add", "nightly", "--kind", "system", "--scope", "system/*.rs", "--jwks", keys);
        Assert.Equal(1, twice);
        Assert.Contains("There is a client nightly already", taken, StringComparison.Ordinal);
        var (bad, why) = await ClientAsync("add", "app", "--kind", "public", "--scope", "system/*.rs");
        Assert.Equal(1, bad);
        Assert.Contains("is for back-end clients", why, StringComparison.Ordinal);
        Assert.Contains("--redirect-uri", why, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", why, StringComparison.Ordinal);

        var (_, secret) = await ClientAsync("add", "web", "--kind", "confidential", "--secret", "--redirect-uri", "https://x.example.org/cb", "--scope", "openid patient/*.rs");
        Assert.Contains("shown this once", secret, StringComparison.Ordinal);
        var (_, list) = await ClientAsync("list");
        Assert.Contains("nightly", list, StringComparison.Ordinal);
        Assert.Contains("openid patient/*.rs", list, StringComparison.Ordinal);
        Assert.Equal(0, (await ClientAsync("disable", "nightly")).ExitCode);
        Assert.Contains("disabled", (await ClientAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await ClientAsync("disable", "nobody")).ExitCode);

        var (rotated, made) = await ServerProcess.RunAsync("keys", "rotate", "--Storage:DataFolder", folder);
        Assert.True(rotated == 0, made);
        Assert.Contains("sign  ", made, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seeding_is_refused_where_there_is_no_demo()
    {
        var (code, output) = await ServerProcess.RunAsync("seed", "test-clients", "--json", "--Storage:DataFolder", folder);

        Assert.Equal(1, code);
        Assert.Contains("belongs to no demo", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Task<(int ExitCode, string Output)> ClientAsync(params string[] arguments) => ServerProcess.RunAsync(["client", .. arguments, "--Storage:DataFolder", folder]);
}
