using System.Globalization;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-003: the lines add up to the total.</summary>
internal sealed class LinesAddUp : IScrubRule
{
    public string Id => "AMT-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var sum = claim.Lines.Sum(l => l.NetUsd);
        if (claim.Claim.Total?.Value != sum)
        {
            yield return Reject(Id, IssueType.Value, "Claim.total",
                string.Create(CultureInfo.InvariantCulture, $"Total differs: {claim.Claim.Total?.Value:0.00} but the lines add up to {sum:0.00}."));
        }
    }
}
