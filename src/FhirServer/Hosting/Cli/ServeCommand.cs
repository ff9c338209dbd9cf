using System.CommandLine;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Billing.Kpis;
using FhirEmr.FhirServer.Hosting.Jobs;
using FhirEmr.FhirServer.Hosting.Mail;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary><c>fhir-emr serve</c>: the FHIR API, web pages and background work, until stopped.</summary>
internal static class ServeCommand
{
    /// <summary>The disk failed (EX_IOERR of sysexits.h): whoever supervises the process starts it again, and it recovers from the log.</summary>
    public const int DiskFailed = 74;

    public static Command Build()
    {
        var demo = new Option<bool>("--demo") { Description = "A throw-away demo practice, on this machine only." };
        var noSeed = new Option<bool>("--no-seed") { Description = "With --demo: start with an empty store." };
        var noUsers = new Option<bool>("--no-users") { Description = "With --demo: nobody to sign in, only the administrator's token." };
        var command = new Command("serve", "Start the server. Settings: --urls, --Storage:Provider, --Storage:DataFolder, ... or FHIREMR__Section__Key.") { demo, noSeed, noUsers };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((parse, ct) => RunAsync(parse.GetValue(demo), parse.GetValue(noSeed), parse.GetValue(noUsers), [.. parse.UnmatchedTokens], ct));
        return command;
    }

    private static async Task<int> RunAsync(bool isDemo, bool noSeed, bool noUsers, string[] settings, CancellationToken ct)
    {
        using var folder = isDemo && !settings.Any(s => s.StartsWith("--Storage:DataFolder", StringComparison.OrdinalIgnoreCase)) ? new ThrowAwayFolder() : null;
        var overrides = new Dictionary<string, string?>();
        if (folder is not null)
            overrides["Storage:DataFolder"] = folder.Path;
        if (isDemo)
        {
            overrides["Auth:Mode"] = AuthOptions.Demo;
            overrides["Outbound:AllowLoopback"] = "true";
            overrides["Limits:UncountedClients:demo"] = DemoToken.ClientId; // made-up records on this machine: to measure what the server bears is what the token is for
        }

        var builder = WebHost.CreateBuilder(settings, overrides);
        if (Fault(builder.Configuration, isDemo, noSeed) is { } wrong)
            throw new CliException(wrong);
        if (isDemo && DemoToken.PathOf(builder.Configuration["Storage:DataFolder"] ?? new StorageOptions().DataFolder) is var token && File.Exists(token))
            File.Delete(token); // of an earlier start, at another address
        if (isDemo)
            builder.Services.AddDemoBilling();
        builder.Services.AddHostedService<BillingWorker>();
        builder.Services.AddHostedService<KpiWorker>();
        builder.Services.AddHostedService(sp => sp.GetRequiredService<JobServer>());
        builder.Services.AddHostedService<TerminologyWatch>();
        builder.Services.AddHostedService<PurgeWatch>();
        builder.Services.AddHostedService<ReviewMail>();

        await using var app = await WebHost.BuildAsync(builder, ct);
        if (ProductionGuard.Applies(app.Configuration) && await ProductionGuard.FaultsAsync(app.Services, ct) is { Count: > 0 } faults)
            throw new CliException(string.Join('\n', faults.Prepend("The server does not start in production like this:")));
        await app.StartAsync(ct);
        var url = app.Urls.First();
        if (isDemo)
            Console.WriteLine($"Administrator's token, for a day: {await DemoToken.WriteAsync(app.Services, ct)}");
        Console.WriteLine($"FhirEmr {typeof(ServeCommand).Assembly.GetName().Version!.ToString(3)} serves {url} (FHIR base {url}{FhirEndpoint.BasePath})");
        if (isDemo && !(noSeed && noUsers))
            await FillAsync(app, url, noSeed, ct);
        var failed = app.Services.GetRequiredService<IResourceStore>().Failed;
        await app.WaitForShutdownAsync(ct);
        return failed.IsCancellationRequested ? DiskFailed : 0;
    }

    /// <summary>The demo's people and records. The server answers meanwhile: hashing passwords takes a while, and programs with the token need not wait for it.</summary>
    private static async Task FillAsync(WebApplication app, string url, bool noSeed, CancellationToken ct)
    {
        var services = app.Services;
        try
        {
            var users = await DemoUsers.StartAsync(services, ct);
            if (!noSeed)
            {
                await DemoUsers.StoreResourcesAsync(services.GetRequiredService<IFhirRecords>(), ct);
                await DemoRun.SeedAsync(services, url, Console.Out, ct);
                await services.GetRequiredService<NightlyBilling>().AskAsync(null, ct); // tomorrow's list need not wait for a night
            }

            await DemoUsers.PrintAsync(users, url, Console.Out);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped before all of it was there.
        }
        catch (Exception e) when (e is not CliException)
        {
            // What is there is served all the same: a full disk is told to whoever writes, and a failed one ends the process by itself.
            app.Logger.LogError(e, "The demo's people and records are not all there");
        }
    }

    /// <summary>Null, or why it does not start, in a sentence with the fix.</summary>
    private static string? Fault(ConfigurationManager configuration, bool isDemo, bool noSeed)
    {
        if (!isDemo && configuration["Auth:Mode"] == AuthOptions.Demo)
            return "Auth:Mode is demo, which is for fhir-emr serve --demo only: leave it out, or set embedded or external.";
        return SecretSettings.SampleFault(configuration) ?? AuthOptions.Fault(configuration) ?? (configuration.GetSection("Auth").Get<SmartOptions>() ?? new()).Fault() ?? (configuration.GetSection("Mail").Get<MailOptions>() ?? new()).Fault() ?? ListenGuard.Fault(configuration) ?? Hl7V2Services.Fault(configuration)
            ?? (isDemo ? DemoGuard.Fault(configuration, noSeed) : BillingFault(configuration));
    }

    private static string? BillingFault(ConfigurationManager configuration) =>
        (configuration.GetSection("Billing").Get<BillingOptions>() ?? new()).Faults() is { Count: > 0 } faults ? string.Join('\n', faults) : null;

    /// <summary>A folder that goes when the demo goes.</summary>
    private sealed class ThrowAwayFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("fhir-emr-demo-").FullName;

        public void Dispose()
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException)
            {
                // Still held open by a scanner or a shell: the system's own clean-up of temporary folders takes it.
            }
        }
    }
}
