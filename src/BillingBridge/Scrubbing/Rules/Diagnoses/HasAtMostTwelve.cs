using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-002: twelve diagnoses fit; what was left off is named.</summary>
internal sealed class HasAtMostTwelve : IScrubRule
{
    public string Id => "DX-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Diagnoses.Count > 12)
            yield return Reject(Id, IssueType.TooLong, "Claim.diagnosis", $"More than 12 diagnoses ({claim.Diagnoses.Count}): keep those that matter, or split the claim.");

        foreach (var gap in claim.Charges.Gaps.Where(g => g.Kind == CodingGapKind.DiagnosisOverflow))
            yield return Warn(Id, IssueType.TooLong, "Claim.diagnosis", $"More than 12 diagnoses: {gap.Code} was left off. {gap.Advice}").With("code", gap.Code);
    }
}
