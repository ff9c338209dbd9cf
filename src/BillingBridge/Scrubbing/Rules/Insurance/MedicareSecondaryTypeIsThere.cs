using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-015: when Medicare is not first for a patient of 65 or more, the reason (SBR05) is given.</summary>
internal sealed class MedicareSecondaryTypeIsThere : IScrubRule
{
    public string Id => "COV-015";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeYears is not >= 65)
            yield break;

        foreach (var insurance in claim.Claim.Insurance.Where(i => i.Sequence > 1))
        {
            var coverage = claim.Chart.Find<Coverage>(insurance.Coverage);
            var payor = claim.Chart.Find<Organization>(coverage?.Payor.FirstOrDefault());
            if (coverage is not null && PayerDirectory.FamilyOf(coverage, payor) == PayerFamily.Medicare && coverage.GetExtension(BillingUrls.MspTypeExtension) is null)
            {
                yield return Warn(Id, IssueType.Incomplete, "Claim.insurance",
                    $"Medicare Secondary Payer type missing: enter it on the Medicare coverage as extension {BillingUrls.MspTypeExtension}.");
            }
        }
    }
}
