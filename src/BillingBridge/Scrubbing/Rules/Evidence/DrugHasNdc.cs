using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DRG-001: a drug line has its NDC.</summary>
internal sealed class DrugHasNdc : IScrubRule
{
    public string Id => "DRG-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code)))
        {
            if (string.IsNullOrWhiteSpace(DrugNdc.Code(line)))
                yield return Reject(Id, IssueType.Required, line.Path, $"NDC missing for {line.Code}: enter the package's code.").On(line);
        }
    }
}
