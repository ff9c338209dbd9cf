using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Security.Accounts;

/// <summary>The program as it is first met: <c>init</c>, the users' commands, the demo, and what it refuses.</summary>
[Trait("Requirement", "S-60")]
public sealed partial class FirstRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-first-").FullName;

    private string[] OnFolder => ["--Storage:DataFolder", folder];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Requirement", "S-102")]
    public async Task Commands_make_the_first_administrator_and_others_beside_a_running_server()
    {
        await using var server = await ServerProcess.StartAsync(OnFolder);
        var (code, output) = await ServerProcess.RunAsync(["init", .. OnFolder]);
        Assert.True(code == 0, output);
        var token = Link().Match(output).Groups[1].Value;
        using var browser = new Browser(server.BaseUrl[..^"/fhir".Length]);
        await browser.GetAsync("/account/set-up?token=" + token);
        await browser.SubmitAsync(("password", AccountServer.Password), ("again", AccountServer.Password));
        Assert.Equal("/account/authenticator", browser.Location);

        Assert.NotEqual(0, (await ServerProcess.RunAsync(["init", .. OnFolder])).ExitCode); // only once
        (code, output) = await ServerProcess.RunAsync(["user", "add", "mina", "--name", "Mina Okafor", "--role", "coder", .. OnFolder]);
        Assert.True(code == 0, output);
        (code, output) = await ServerProcess.RunAsync(["user", "add", "jonas", "--name", "Jonas", "--role", "nurs", .. OnFolder]);
        Assert.Contains("did you mean 'nurse'?", output, StringComparison.Ordinal);
        Assert.Equal(1, code);
        (code, output) = await ServerProcess.RunAsync(["user", "disable", "admin", .. OnFolder]);
        Assert.Contains("no administrator", output, StringComparison.Ordinal);
        Assert.Equal(1, code);
        (_, output) = await ServerProcess.RunAsync(["user", "list", .. OnFolder]);
        Assert.Contains("practice-admin", output, StringComparison.Ordinal);
        Assert.Contains("mina", output, StringComparison.Ordinal);
        Assert.DoesNotContain("jonas", output, StringComparison.Ordinal);
        (code, output) = await ServerProcess.RunAsync(["doctor", "--accounts", .. OnFolder]);
        Assert.Contains("has not set up an authenticator", output, StringComparison.Ordinal);
        Assert.Equal(2, code);
    }

    [Fact, Trait("Requirement", "S-102")]
    public async Task Behind_a_proxy_it_does_not_start_until_everything_is_there_and_says_all_of_it_at_once()
    {
        var (code, output) = await ServerProcess.RunAsync(["serve", "--urls", "http://127.0.0.1:0", "--Proxy:Trusted", "127.0.0.1", "--Outbound:AllowLoopback", "true", .. OnFolder]);
        Assert.NotEqual(0, code);
        Assert.Contains("Outbound:AllowLoopback", output, StringComparison.Ordinal);
        Assert.Contains("Server:BaseUrl", output, StringComparison.Ordinal);
        Assert.Contains("Backup:Target", output, StringComparison.Ordinal);
        Assert.Contains("fhir-emr init", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);

        await ServerProcess.RunAsync(["init", .. OnFolder]);
        await using var server = await ServerProcess.StartAsync(
            ["--Proxy:Trusted", "127.0.0.1", "--Server:BaseUrl", "https://emr.example.org/fhir", "--Backup:Target", "declined", .. OnFolder]);
    }

    [Fact]
    public async Task It_serves_https_with_a_certificate_from_files()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (pem, keyPem) = (Path.Combine(folder, "tls.pem"), Path.Combine(folder, "tls.key"));
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem(), Ct);
        await File.WriteAllTextAsync(keyPem, key.ExportPkcs8PrivateKeyPem(), Ct);
        await using var server = await ServerProcess.StartAsync(
            ["--urls", "https://127.0.0.1:0", "--Kestrel:Certificates:Default:Path", pem, "--Kestrel:Certificates:Default:KeyPath", keyPem, .. OnFolder]);
        Assert.StartsWith("https://", server.BaseUrl, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync(server.BaseUrl + "/metadata", Ct)).StatusCode);
    }

    [Fact, Trait("Requirement", "S-100"), Trait("Requirement", "S-101")]
    public async Task The_demo_prints_a_password_for_each_person_signs_them_in_and_keeps_to_itself()
    {
        string first;
        await using (var server = await ServerProcess.ServeAsync(["--demo", "--no-seed", .. OnFolder]))
        {
            first = await PasswordOfAsync(server, "nurse");
            Assert.Equal(10, PasswordLine().Count(server.Output));
            var root = server.BaseUrl[..^"/fhir".Length];
            using var browser = new Browser(root);
            await browser.SignInAsync("nurse", first);
            Assert.Equal("/account", browser.Location);
            using var click = new Browser(root);
            await click.GetAsync("/account/sign-in");
            await click.PostAsync("/account/sign-in", new Dictionary<string, string> { ["demo"] = "admin", ["form-token"] = FormToken().Match(click.Body).Groups[1].Value });
            Assert.Equal("/account", click.Location);

            using var forwarded = new HttpRequestMessage(HttpMethod.Get, root + "/account/sign-in");
            forwarded.Headers.Add("X-Forwarded-For", "203.0.113.9");
            Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.SendAsync(forwarded, Ct)).StatusCode);
        }

        foreach (var file in Directory.GetFiles(folder, "*.db*"))
            Assert.Equal(-1, (await File.ReadAllBytesAsync(file, Ct)).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(first)));
        var (code, output) = await ServerProcess.RunAsync(["serve", "--urls", "http://127.0.0.1:0", .. OnFolder]);
        Assert.NotEqual(0, code);
        Assert.Contains("are a demo's", output, StringComparison.Ordinal);
        await using var again = await ServerProcess.ServeAsync(["--demo", "--no-seed", .. OnFolder]);
        Assert.NotEqual(first, await PasswordOfAsync(again, "nurse"));
    }

    [Fact, Trait("Requirement", "S-101")]
    public async Task The_demo_does_not_open_records_that_are_no_demos()
    {
        var file = Path.Combine(folder, "patient.json");
        await File.WriteAllTextAsync(file, """{"resourceType":"Patient","id":"one"}""", Ct);
        var (imported, said) = await ServerProcess.RunAsync(["import", "fhir", file, .. OnFolder]);
        Assert.True(imported == 0, said);

        var (code, output) = await ServerProcess.RunAsync(["serve", "--demo", "--urls", "http://127.0.0.1:0", .. OnFolder]);

        Assert.NotEqual(0, code);
        Assert.Contains("are no demo's", output, StringComparison.Ordinal);
    }

    [Theory, Trait("Requirement", "S-101")]
    [InlineData("in a SQLite folder of its own, not in postgres", "--demo", "--Storage:Provider=postgres", "--Storage:ConnectionString=Host=127.0.0.1;Port=1")]
    [InlineData("Refusing to listen on", "--demo", "--urls", "http://0.0.0.0:0")]
    [InlineData("which is for fhir-emr serve --demo only", "--Auth:Mode=demo")]
    [InlineData("it must be embedded", "--Auth:Mode=none")]
    [InlineData("set Auth:Authority", "--Auth:Mode=external")]
    [InlineData("must be an https address", "--Auth:Mode=external", "--Auth:Authority=http://login.example.org")]
    public async Task Settings_that_would_let_strangers_in_are_refused(string sentence, params string[] settings)
    {
        var (code, output) = await ServerProcess.RunAsync(["serve", .. !settings.Contains("--urls") ? (string[])["--urls", "http://127.0.0.1:0"] : [], .. settings, .. OnFolder]);

        Assert.NotEqual(0, code);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<string> PasswordOfAsync(ServerProcess server, string name)
    {
        for (var i = 0; i < 200; i++, await Task.Delay(50, Ct))
            if (Regex.Match(server.Output, $@"^  {name} +(\S+)   ", RegexOptions.Multiline) is { Success: true } match && PasswordLine().Count(server.Output) == 10)
                return match.Groups[1].Value;
        throw new InvalidOperationException(server.Output);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [GeneratedRegex(@"/account/set-up\?token=(\S+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^  [a-z0-9]+ +[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5}   ", RegexOptions.Multiline)]
    private static partial Regex PasswordLine();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]*)\"")]
    private static partial Regex FormToken();
}
