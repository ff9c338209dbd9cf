using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-002: a visit is not billed lower than the documented facts of the record support.</summary>
internal sealed class VisitLevelIsWhole : IScrubRule
{
    public string Id => "DOC-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var level in claim.History.Levels ?? [])
        {
            if (level.LevelsAbove < 0 && claim.Lines.FirstOrDefault(l => l.Code == level.Billed && l.From == level.Day) is { } line)
            {
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Under-coded: {level.Code}. Billed {level.Billed}; the record supports more: {level.Why}.")
                    .On(line).With("supported", level.Code).From(level.Evidence);
            }
        }
    }
}
