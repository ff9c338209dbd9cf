using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>NCCI-001: no pair that no modifier can separate.</summary>
internal sealed class PairIsNeverPaid(EditTables edits) : IScrubRule
{
    public string Id => "NCCI-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.PtpOn(claim.FirstServiceDate) is not { } table)
        {
            yield return NotEvaluated(Id, "NCCI procedure pairs", claim.FirstServiceDate);
            yield break;
        }

        foreach (var pair in PtpPairs.On(claim, table, '0'))
        {
            yield return Reject(Id, IssueType.BusinessRule, pair.Second.Path, $"{pair.Second.Code} is part of {pair.First.Code}; no modifier can help. Remove {pair.Second.Code}.")
                .On(pair.Second).ByTable(table.Edition);
        }
    }
}
