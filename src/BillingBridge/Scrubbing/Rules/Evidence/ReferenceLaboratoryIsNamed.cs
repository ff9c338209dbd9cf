using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>LAB-003: a test sent out names the laboratory that did it and its CLIA number.</summary>
internal sealed class ReferenceLaboratoryIsNamed : IScrubRule
{
    public string Id => "LAB-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("90") && CodeFacts.IsLaboratory(l.Code)))
        {
            var number = claim.Claim.Info(SupportingInfo.ReferenceClia).Select(i => (i.Value as FhirString)?.Value).FirstOrDefault();
            if (!CliaNumber.HasShape(number) || claim.Claim.Facility?.Reference is null)
                yield return Reject(Id, IssueType.Required, line.Path, $"Reference laboratory: {line.Code} was sent out, so its laboratory must be the facility and its CLIA number supportingInfo {SupportingInfo.ReferenceClia}.").On(line);
        }
    }
}
