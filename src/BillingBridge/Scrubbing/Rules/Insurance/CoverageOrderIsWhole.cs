using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-013: coverages are numbered 1, 2, 3 and the focal one is the first that has not answered.</summary>
internal sealed class CoverageOrderIsWhole : IScrubRule
{
    public string Id => "COV-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var sequences = claim.Claim.Insurance.Select(i => i.Sequence ?? 0).Order().ToList();
        var isWhole = sequences.SequenceEqual(Enumerable.Range(1, sequences.Count));
        var firstOpen = claim.Claim.Insurance.OrderBy(i => i.Sequence).FirstOrDefault(i => i.ClaimResponse is null);
        if (!isWhole || (claim.Focal is { } focal && firstOpen is not null && firstOpen.Sequence > focal.Sequence))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.insurance.sequence", "Coverage order wrong: number the coverages 1, 2, 3 and bill the first that has not answered.");
    }
}
