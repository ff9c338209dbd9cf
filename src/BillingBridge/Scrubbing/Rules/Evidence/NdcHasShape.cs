using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-002: the NDC is eleven digits once padded to 5-4-2.</summary>
internal sealed class NdcHasShape : IScrubRule
{
    public string Id => "DRG-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code)))
        {
            if (DrugNdc.Code(line) is { Length: > 0 } ndc && NationalDrugCode.Eleven(ndc) is null)
                yield return Reject(Id, IssueType.Value, line.Path, $"NDC format: '{ndc}' is not 5-4-2, 4-4-2, 5-3-2 or 5-4-1.").On(line).With("ndc", ndc);
        }
    }
}
