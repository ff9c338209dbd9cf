using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-002: the focal coverage is active.</summary>
internal sealed class CoverageIsActive : IScrubRule
{
    public string Id => "COV-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is { } coverage && coverage.Status != FinancialResourceStatusCodes.Active)
        {
            yield return Reject(Id, IssueType.BusinessRule, $"{claim.FocalPath}.coverage", $"Coverage not active: it is {coverage.Status}. Verify eligibility.")
                .With("status", $"{coverage.Status}");
        }
    }
}
