using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Hosting.Import;
using FhirEmr.FhirServer.Interactions;
using Hl7.Fhir.Model;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>Synthea's records as they come are held for what they lack; with made-up identities most of them are clean.</summary>
public sealed class SyntheaBillingTests(SyntheaBillingTests.PlainServer plain, SyntheaBillingTests.DemoServer demo)
    : IClassFixture<SyntheaBillingTests.PlainServer>, IClassFixture<SyntheaBillingTests.DemoServer>
{
    private const int Records = 25;

    public sealed class PlainServer() : RecordServer(asDemoPractice: false);

    public sealed class DemoServer() : RecordServer(asDemoPractice: true);

    [Fact]
    public async Task As_they_come_every_claim_is_held_for_coverage_and_identities()
    {
        Assert.SkipWhen(SharedData.Synthea.Count == 0, SharedData.WhyNot);
        var (encounters, results) = await BillAsync(plain);

        var held = results.OfType<ClaimResult.Held>().ToList();
        Assert.Empty(results.OfType<ClaimResult.Ready>());
        Assert.True(held.Count >= 0.8 * encounters, $"{held.Count} claims of {encounters} encounters");
        foreach (var claim in held)
        {
            var rules = claim.Findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId).ToHashSet();
            Assert.Superset(new HashSet<string> { "COV-001", "PRV-001", "PRV-002", "PRV-003" }, rules);
        }
    }

    [Fact]
    public async Task With_made_up_identities_most_claims_are_clean()
    {
        Assert.SkipWhen(SharedData.Synthea.Count == 0, SharedData.WhyNot);
        var (encounters, results) = await BillAsync(demo);

        var (ready, held) = (results.OfType<ClaimResult.Ready>().Count(), results.OfType<ClaimResult.Held>().ToList());
        Assert.True(ready + held.Count >= 0.8 * encounters, $"{ready + held.Count} claims of {encounters} encounters");
        Assert.True(ready >= 0.6 * encounters, $"{ready} clean claims of {encounters} encounters");
        Assert.All(held, claim => Assert.Contains(claim.Findings, f => f.Severity == FindingSeverity.Reject));
    }

    private static async Task<(int Encounters, List<ClaimResult> Results)> BillAsync(RecordServer server)
    {
        var ct = TestContext.Current.CancellationToken;
        var records = server.Services.GetRequiredService<IFhirRecords>();
        var pipeline = server.Services.GetRequiredService<ClaimPipeline>();
        var results = new List<ClaimResult>();
        var encounters = 0;
        await foreach (var encounter in records.SearchAsync<Encounter>("status=finished", ct))
        {
            encounters++;
            results.Add(await pipeline.RunAsync(encounter.Id!, DateOnly.ParseExact(encounter.Period!.Start![..10], "yyyy-MM-dd", null).AddDays(2), ct));
        }

        return (encounters, results);
    }

    /// <summary>A server with the smallest of the records, imported as the command does it.</summary>
    public abstract class RecordServer(bool asDemoPractice) : ServerFixture(null)
    {
        protected override async Task SeedAsync()
        {
            var files = SharedData.Synthea.OrderBy(f => new FileInfo(f).Length).Take(Records).ToList();
            if (files.Count == 0)
                return;
            var target = new LocalTarget(Services.GetRequiredService<FhirInteractions>());
            var summary = await new ImportRun(target, new ImportProgress(TextWriter.Null, isTerminal: false), asDemoPractice).RunAsync(files, CancellationToken.None);
            Assert.Empty(summary.Faults);
            await FeeScheduleSeed.StoreAsync(Services.GetRequiredService<IFhirRecords>(), new DateOnly(1900, 1, 1), CancellationToken.None);
        }
    }
}
