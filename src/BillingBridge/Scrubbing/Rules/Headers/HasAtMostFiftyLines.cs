using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-003: an 837P claim holds fifty lines.</summary>
internal sealed class HasAtMostFiftyLines : IScrubRule
{
    public string Id => "HDR-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Lines.Count > 50)
            yield return Reject(Id, IssueType.TooLong, "Claim.item", $"More than 50 service lines ({claim.Lines.Count}): split the claim.").With("lines", $"{claim.Lines.Count}");
    }
}
