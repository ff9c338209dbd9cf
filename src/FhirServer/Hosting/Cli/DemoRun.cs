using System.Diagnostics;
using System.Globalization;
using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>Fills the demo practice and runs its billing cycle once: real records, real claims, real files, a mock payer.</summary>
internal static class DemoRun
{
    public static async Task SeedAsync(IServiceProvider services, string url, TextWriter output, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        var (records, clock) = (services.GetRequiredService<IFhirRecords>(), services.GetRequiredService<TimeProvider>());
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await FeeScheduleSeed.StoreAsync(records, today.AddYears(-2), ct);
        var encounters = new List<string>();
        foreach (var bundle in DemoPractice.Bundles(today))
        {
            await FeeScheduleSeed.CommitAsync(records, bundle, ct);
            encounters.AddRange(bundle.Entry.Select(e => e.Resource).OfType<Encounter>().Where(e => e.Status == Encounter.EncounterStatus.Finished).Select(e => e.Id!));
        }

        var pipeline = services.GetRequiredService<ClaimPipeline>();
        foreach (var encounter in encounters)
            await pipeline.RunAsync(encounter, null, ct);
        await services.GetRequiredService<BillingCycle>().RunAsync(ct);

        var summary = await PracticeSummary.ReadAsync(services.GetRequiredService<IResourceStore>(), services.GetRequiredService<SearchParameters>(), records, ct);
        var tokenFile = DemoToken.PathOf(services.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder);
        await PrintAsync(output, summary, url, tokenFile, watch.Elapsed, records, ct);
    }

    private static async Task PrintAsync(TextWriter output, PracticeSummary summary, string url, string tokenFile, TimeSpan elapsed, IFhirRecords records, CancellationToken ct)
    {
        var fhir = url + FhirEndpoint.BasePath;
        string? paid = null;
        await foreach (var eob in records.SearchAsync<ExplanationOfBenefit>("_count=1", ct))
        {
            paid = eob.Id;
            break;
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""

            Demo practice ready in {elapsed.TotalSeconds:F1} s. Nothing here is real, and it goes when you stop the server.

              patients {summary.Patients}, encounters {summary.Encounters}
              claims   {string.Join(", ", summary.ClaimsByStage.Select(s => $"{s.Count} {s.Stage}"))}
              money    billed ${summary.BilledUsd:N2}, allowed ${summary.AllowedUsd:N2}, paid ${summary.PaidUsd:N2}, patients owe ${summary.PatientUsd:N2}

            Look around: {url}/   API: {url}/swagger
              curl -H "Authorization: Bearer $(cat {tokenFile})" '{fhir}/Patient?_count=3&_pretty=true'
              curl -H "Authorization: Bearer $(cat {tokenFile})" '{fhir}/Claim?claim-stage=scrub-failed&_pretty=true'
              curl -H "Authorization: Bearer $(cat {tokenFile})" '{fhir}/ExplanationOfBenefit/{paid}?_pretty=true'
            """));
    }
}
