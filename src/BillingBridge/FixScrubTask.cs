using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>The work that a claim makes when the rules hold it.</summary>
internal static class FixScrubTask
{
    /// <param name="claim">The claim held.</param>
    /// <param name="focus">Its reference, or its address inside the transaction.</param>
    /// <param name="chart">Where its coverage and payer are.</param>
    /// <param name="payers">Whose filing limit is the deadline.</param>
    /// <param name="findings">Why it is held.</param>
    /// <param name="round">Version of the claim: every time it is held anew is work anew.</param>
    public static WorklistTask Of(Claim claim, string focus, EncounterChart chart, PayerDirectory payers, IReadOnlyList<ScrubFinding> findings, string round)
    {
        var coverage = chart.Find<Coverage>(claim.FocalInsurance()?.Coverage);
        var lastService = DateOfService.From(claim.BillablePeriod?.End);
        var rules = findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId).Distinct();
        return new WorklistTask
        {
            Code = "fix-scrub",
            Key = BillingKey.Of("fix-scrub", claim.CreationKey() ?? focus, round),
            Focus = focus,
            Patient = $"Patient/{chart.Patient.Id}",
            Group = "billers",
            Description = $"Claim held by {string.Join(", ", rules)}",
            Deadline = coverage is not null && lastService is { } day
                ? payers.For(coverage, chart.Find<Organization>(coverage.Payor.FirstOrDefault()), day).FilingLimit(day)
                : null,
            ValueAtStakeUsd = claim.Total?.Value ?? 0m,
        };
    }
}
