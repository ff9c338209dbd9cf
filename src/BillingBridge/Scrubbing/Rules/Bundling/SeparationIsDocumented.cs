using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>NCCI-003: a pair separated by modifier is separated in the record as well.</summary>
internal sealed class SeparationIsDocumented(EditTables edits) : IScrubRule
{
    public string Id => "NCCI-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.PtpOn(claim.FirstServiceDate) is not { } table)
        {
            yield return NotEvaluated(Id, "NCCI procedure pairs", claim.FirstServiceDate);
            yield break;
        }

        foreach (var pair in PtpPairs.On(claim, table, '1'))
        {
            if (pair.IsSeparated && pair.First.Item.BodySite is null && pair.Second.Item.BodySite is null
                && !CodeFacts.IsEvaluationAndManagement(pair.First.Code) && !CodeFacts.IsEvaluationAndManagement(pair.Second.Code))
            {
                yield return Warn(Id, IssueType.BusinessRule, $"{pair.Second.Path}.modifier", $"Check documentation for {pair.Modifier}: {pair.Second.Code} beside {pair.First.Code} needs its own site or session.")
                    .On(pair.Second).ByTable(table.Edition);
            }
        }
    }
}
