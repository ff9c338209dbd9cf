using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-001: every line is charged, save measures and post-operative visits.</summary>
internal sealed class ChargeIsPositive : IScrubRule
{
    public string Id => "AMT-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var mayBeZero = CodeFacts.IsMeasure(line.Code) || line.Code == "99024" || claim.Payer.AllowsZeroCharge;
            if (line.NetUsd < 0 || (line.NetUsd == 0 && !mayBeZero))
                yield return Reject(Id, IssueType.Value, $"{line.Path}.net", $"Zero charge for {line.Code}: enter a price in the fee schedule.").On(line).With("code", line.Code);
        }
    }
}
