using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Wire;

/// <summary>X12-002: the claim can be written as an 837P that its receiver accepts.</summary>
internal sealed class FileIsValid : IScrubRule
{
    public string Id => "X12-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.History.WireProblems is not { } problems)
        {
            yield return NotEvaluated(Id, "837P sender settings", claim.FirstServiceDate);
            yield break;
        }

        foreach (var problem in problems)
            yield return Reject(Id, IssueType.Structure, problem.Expression, $"The 837P would be refused: {problem.Message}");
    }
}
