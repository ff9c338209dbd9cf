using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Clients;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.FileProviders;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>The samples, as a reader would run them: the app in Chromium with the public JavaScript library, the service as a program.</summary>
[Trait("Requirement", "S-12")]
[Trait("Requirement", "S-14")]
public sealed class SampleTests(SqliteSmartServer server) : OnSmartServer(server), IClassFixture<SqliteSmartServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Samples { get; } = FindSamples();

    [Fact]
    public async Task The_app_starts_by_itself_and_the_user_picks_and_allows()
    {
        await using var app = await ServeAppAsync("standalone");
        await using var browser = await BrowserAsync();
        await SignInAsync(browser, Server.DoctorId);

        await browser.GoToAsync($"{app.Urls.First()}/launch.html?client=standalone&fhir={Server.BaseUrl}", Ct);
        await browser.WaitAsync("document.querySelector('button[name=picked_patient][value=a]') !== null", Ct);
        await browser.AskAsync("document.querySelector('button[name=picked_patient][value=a]').click()", Ct);
        await browser.WaitAsync("document.querySelector('button[name=decision][value=allow]') !== null", Ct);
        Assert.Contains("in the record of Pat Fama", await browser.AskAsync("document.body.innerText", Ct), StringComparison.Ordinal);
        await browser.AskAsync("document.querySelector('button[name=decision][value=allow]').click()", Ct);
        await browser.WaitAsync("document.getElementById('state')?.textContent === 'done'", Ct);

        Assert.Equal("Pat Fama", await browser.AskAsync("document.getElementById('patient').textContent", Ct));
        Assert.Equal("Practitioner/doctor", await browser.AskAsync("document.getElementById('user').textContent", Ct));
    }

    [Fact]
    public async Task The_app_is_opened_from_the_EHR()
    {
        await using var app = await ServeAppAsync("from-ehr");
        await using var browser = await BrowserAsync();
        await SignInAsync(browser, Server.DoctorId);
        await App.SignInAsync(Server.DoctorId);
        var made = await App.SendAsync(HttpMethod.Post, "/auth/launch", json: """{"client_id":"from-ehr","patient":"b"}""", headers: [(BearerCallers.WebAppHeader, "1"), ("Origin", Server.Root)]);
        Assert.True(made.Status == 200, made.Body);
        var launch = JsonNode.Parse(made.Body)!;

        // The browser is another session of the same user: a launch is for the user.
        await browser.GoToAsync($"{app.Urls.First()}/launch.html?client=from-ehr&iss={launch["iss"]}&launch={launch["launch"]}", Ct);
        await browser.WaitAsync("document.querySelector('button[name=decision][value=allow]') !== null", Ct);
        await browser.AskAsync("document.querySelector('button[name=decision][value=allow]').click()", Ct);
        await browser.WaitAsync("document.getElementById('state')?.textContent === 'done'", Ct);

        Assert.Equal("Pat Famb", await browser.AskAsync("document.getElementById('patient').textContent", Ct));
    }

    [Fact]
    public async Task The_app_is_told_when_the_user_refuses()
    {
        await using var app = await ServeAppAsync("refused");
        await using var browser = await BrowserAsync();
        await SignInAsync(browser, Server.PatientId);

        await browser.GoToAsync($"{app.Urls.First()}/launch.html?client=refused&fhir={Server.BaseUrl}", Ct);
        await browser.WaitAsync("document.querySelector('button[name=decision][value=deny]') !== null", Ct);
        await browser.AskAsync("document.querySelector('button[name=decision][value=deny]').click()", Ct);
        await browser.WaitAsync("(document.getElementById('state')?.textContent ?? '').startsWith('refused')", Ct);
    }

    [Fact]
    public async Task The_service_reads_patients_with_its_key_and_not_with_another()
    {
        var program = Path.Combine(Samples, "BackendServices", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0", "BackendServices.dll");
        Assert.True(File.Exists(program), program);
        var (right, wrong) = (Path.GetTempFileName(), Path.GetTempFileName());
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        await File.WriteAllTextAsync(right, Server.BackendKey.ExportPkcs8PrivateKeyPem(), Ct);
        await File.WriteAllTextAsync(wrong, stranger.ExportPkcs8PrivateKeyPem(), Ct);
        try
        {
            var (code, output) = await RunAsync(program, Server.BaseUrl, "backend", right, "ec");
            Assert.True(code == 0, output);
            Assert.Contains("Pat Fama", output, StringComparison.Ordinal);
            var (refused, why) = await RunAsync(program, Server.BaseUrl, "backend", wrong, "ec");
            Assert.Equal(1, refused);
            Assert.Contains("invalid_client", why, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(right);
            File.Delete(wrong);
        }
    }

    /// <summary>The pages of the sample and the library beside them, on a port of their own; registered under the name.</summary>
    private async Task<WebApplication> ServeAppAsync(string client)
    {
        var (library, whyNot) = await new NpmPackage("fhirclient", "2.6.3").FileAsync("build/fhir-client.js", Ct);
        Assert.SkipWhen(library is null, whyNot);
        var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.Combine(Samples, "smart-app")) });
        app.MapGet("/fhir-client.js", () => Microsoft.AspNetCore.Http.Results.File(library!, "text/javascript"));
        await app.StartAsync(Ct);
        var root = app.Urls.First();
        await Server.Clients.AddAsync(new(client, ClientKind.Public)
        {
            Name = "Heart Rates",
            RedirectUris = [$"{root}/index.html"],
            Origins = [root],
            Scopes = ["openid", "fhirUser", "launch", "launch/patient", "patient/Patient.rs", "patient/Observation.rs"],
        }, "test", Ct);
        Server.Clock.Forward(TimeSpan.FromSeconds(6)); // origins are read again every few seconds
        return app;
    }

    private static async Task<Chromium> BrowserAsync()
    {
        var browser = await Chromium.StartAsync(Ct);
        Assert.SkipWhen(browser is null, "There is no chromium on this machine.");
        return browser;
    }

    private async Task SignInAsync(Chromium browser, string userId)
    {
        var cookie = await Server.SessionAsync(userId);
        await browser.SetCookieAsync(Server.Root, "fhir-emr", cookie["fhir-emr=".Length..], Ct);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output + await errors);
    }

    private static string FindSamples()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "FhirEmr.sln")))
                return Path.Combine(at.FullName, "samples");
        throw new DirectoryNotFoundException("samples");
    }
}
