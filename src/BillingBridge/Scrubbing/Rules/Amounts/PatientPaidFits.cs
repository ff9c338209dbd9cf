using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-008: the patient did not pay more than the charge.</summary>
internal sealed class PatientPaidFits : IScrubRule
{
    public string Id => "AMT-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, info) in claim.Claim.SupportingInfo.Index())
        {
            if (info.Category.HasAny(SupportingInfo.PatientPaid) && (info.Value as Quantity)?.Value > claim.Claim.Total?.Value)
                yield return Reject(Id, IssueType.Value, $"Claim.supportingInfo[{i}]", "Payment exceeds charge: correct the amount or refund the patient.");
        }
    }
}
