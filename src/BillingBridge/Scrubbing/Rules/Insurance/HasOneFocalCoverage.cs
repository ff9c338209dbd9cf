using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-001: exactly one insurance is the one billed.</summary>
internal sealed class HasOneFocalCoverage : IScrubRule
{
    public string Id => "COV-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var focal = claim.Claim.Insurance.Count(i => i.Focal == true);
        if (focal != 1 || claim.Claim.Insurance.Find(i => i.Focal == true)?.Coverage?.Reference is null)
        {
            yield return Reject(Id, IssueType.Required, "Claim.insurance",
                    $"Exactly one focal coverage needed, {focal} found: enter the patient's Coverage, or bill the patient ($self-pay).")
                .With("focal", $"{focal}");
        }
    }
}
