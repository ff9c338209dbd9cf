using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-002: Medicare pays the code at all.</summary>
internal sealed class StatusIsPayable(EditTables edits) : IScrubRule
{
    public string Id => "PROC-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Payer.Family != PayerFamily.Medicare)
            yield break;
        if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
        {
            yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
            yield break;
        }

        foreach (var line in claim.Lines)
        {
            var why = fees.Find(line.Code)?.Status switch
            {
                "B" => "it is always part of another service",
                "P" => "it is bundled or excluded",
                "N" => "Medicare does not cover it",
                "I" or "G" => "it is not valid for Medicare, which uses another code",
                "X" => "the statute excludes it from the fee schedule",
                _ => null,
            };
            if (why is not null && !CodeFacts.IsMeasure(line.Code) && !line.HasAny(["GY", "GX"]))
            {
                var status = fees.Find(line.Code)!.Status;
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"{line.Code} not payable: status {status}, {why}. Remove the line, or bill the code Medicare takes.")
                    .On(line).With("status", status).ByTable(fees.Edition);
            }
        }
    }
}
