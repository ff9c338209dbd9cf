using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>NCCI-002: a pair that a modifier can separate carries one.</summary>
internal sealed class PairIsSeparated(EditTables edits) : IScrubRule
{
    public string Id => "NCCI-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.PtpOn(claim.FirstServiceDate) is not { } table)
        {
            yield return NotEvaluated(Id, "NCCI procedure pairs", claim.FirstServiceDate);
            yield break;
        }

        foreach (var pair in PtpPairs.On(claim, table, '1'))
        {
            if (!pair.IsSeparated)
            {
                yield return Reject(Id, IssueType.BusinessRule, pair.Second.Path, $"{pair.Second.Code} bundles into {pair.First.Code} unless separate: remove it, or add the modifier that says why it is separate.")
                    .On(pair.Second).ByTable(table.Edition);
            }
        }
    }
}
