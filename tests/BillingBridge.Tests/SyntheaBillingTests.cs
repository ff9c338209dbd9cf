using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

/// <summary>Some of the given records billed with the built-in terminology: what the first cut of the bridge has to reach.</summary>
public class SyntheaBillingTests
{
    /// <summary>What these records lack, whoever looks at them.</summary>
    private static readonly string[] Identities = ["COV-001", "PRV-001", "PRV-002", "PRV-003", "PRV-004"];

    /// <summary>What else a single visit may truly have wrong: laboratory and facility identity, codes a person must choose, dates, bundles.</summary>
    private static readonly string[] MayAlsoReject =
    [
        "PRV-006", "PRV-011", "LAB-001", "PAT-005", "PAT-009", "DX-020", "DX-025", "PROC-012", "PROC-018", "PROC-019", "GLB-001", "MOD-006", "DAT-001", "DAT-002", "DRG-001", "X12-001",
    ];

    [Fact]
    public async Task Plain_records_give_claims_that_are_held_for_exactly_the_identities_they_lack()
    {
        var results = await BillAsync(asDemoPractice: false);

        Assert.True(results.Count(IsPriced) >= results.Count * 0.8, $"{results.Count(IsPriced)} of {results.Count} encounters have a claim with a diagnosis and a price.");
        Assert.DoesNotContain(results, r => r.Result is ClaimResult.Ready);
        foreach (var held in results.Select(r => r.Result).OfType<ClaimResult.Held>())
        {
            var rejects = held.Findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId).Distinct().ToList();
            Assert.Empty(Identities.Except(rejects));
            Assert.Empty(rejects.Except(Identities).Except(MayAlsoReject));
        }
    }

    [Fact]
    public async Task With_valid_identities_six_in_ten_encounters_bill_cleanly()
    {
        var results = await BillAsync(asDemoPractice: true);

        var ready = results.Count(r => r.Result is ClaimResult.Ready);
        Assert.True(ready >= results.Count * 0.6, $"{ready} of {results.Count} are ready.");
        Assert.All(results.Select(r => r.Result).OfType<ClaimResult.Held>(), h => Assert.Contains(h.Findings, f => f.Severity == FindingSeverity.Reject));
    }

    private static bool IsPriced((ClaimResult Result, Claim? Claim) billed) =>
        billed.Claim is { Diagnosis.Count: > 0 } claim && claim.Item.Exists(i => i.Net!.Value > 0);

    private static async Task<IReadOnlyList<(ClaimResult Result, Claim? Claim)>> BillAsync(bool asDemoPractice)
    {
        // The smallest files: a dozen whole lives in a few seconds.
        var files = SyntheaRecords.Files().OrderBy(f => new FileInfo(f).Length).Take(12).ToList();
        if (files.Count == 0)
            Assert.Skip("The Synthea records are not beside this repository.");

        var terminology = new TerminologyService(null, TimeProvider.System);
        var results = new List<(ClaimResult, Claim?)>();
        foreach (var file in files)
        {
            var records = SyntheaRecords.Load(file, asDemoPractice);
            var pipeline = new ClaimPipeline(records, terminology, new BillingSetup(), TimeProvider.System);
            foreach (var encounter in records.All<Encounter>().Where(e => e.Status == Encounter.EncounterStatus.Finished).ToList())
            {
                var billingDate = DateOfService.From(encounter.Period!.End)!.Value.AddDays(1);
                var result = await pipeline.RunAsync(encounter.Id!, billingDate, TestContext.Current.CancellationToken);
                var pcn = PatientControlNumber.Of(encounter.Id!, 1);
                results.Add((result, records.All<Claim>().FirstOrDefault(c => c.PatientControlNumber() == pcn)));
            }
        }

        return results;
    }
}
