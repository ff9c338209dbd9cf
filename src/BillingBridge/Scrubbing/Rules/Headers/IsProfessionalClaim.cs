using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-002: it is a professional claim with at least one line.</summary>
internal sealed class IsProfessionalClaim : IScrubRule
{
    public string Id => "HDR-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (!claim.Claim.Type.HasAny("professional") || claim.Claim.Use != ClaimUseCode.Claim || claim.Lines.Count == 0)
            yield return Reject(Id, IssueType.Value, "Claim.type", "Not a professional claim: type professional, use claim and at least one item are needed.");
    }
}
