using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-017: an accident is billed to the liable payer first.</summary>
internal sealed class LiabilityPayerIsFirst : IScrubRule
{
    public string Id => "COV-017";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Accident is null || claim.Coverage is null || claim.Payer.PaysAccidentsFirst)
            yield break;

        yield return Reject(Id, IssueType.BusinessRule, "Claim.accident",
            "Liability payer should be first: the claim names an accident but goes to health insurance. Add the auto or workers' compensation coverage as the first.");
    }
}
