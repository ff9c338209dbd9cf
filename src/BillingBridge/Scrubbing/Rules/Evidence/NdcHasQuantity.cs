using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-003: the NDC has a quantity and a unit.</summary>
internal sealed class NdcHasQuantity : IScrubRule
{
    public string Id => "DRG-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code)))
        {
            if (DrugNdc.Code(line) is { Length: > 0 } && DrugNdc.Amount(line) is not { Value: > 0, Code: "UN" or "ML" or "GR" or "ME" or "F2" })
                yield return Reject(Id, IssueType.Required, line.Path, "NDC quantity: enter the amount and its unit (UN, ML, GR, ME or F2).").On(line);
        }
    }
}
