using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-001: a visit is not billed higher than the documented facts of the record support.</summary>
/// <remarks>
/// Inferred facts never raise the level until a clinician confirms them (billing spec 4.2). A record whose facts support no level at all, as
/// one whose notes are kept as plain text, is only warned about: there is nothing to compare with.
/// </remarks>
internal sealed class VisitLevelIsSupported : IScrubRule
{
    public string Id => "DOC-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var level in claim.History.Levels ?? [])
        {
            if (claim.Lines.FirstOrDefault(l => l.Code == level.Billed && l.From == level.Day) is not { } line)
                continue;
            var path = $"{line.Path}.productOrService";
            var confirm = level.CodeIfConfirmed is { } confirmed ? $" Once the inferred facts are confirmed it is {confirmed}." : "";
            if (level.Code is null)
                yield return Of(Warn(Id, IssueType.Incomplete, path, $"Billed {level.Billed}; the record's documented facts support no level of visit: {level.Why}.{confirm} Say in the record which problems were addressed and how, or make sure that the note does."), line, level);
            else if (level.LevelsAbove > claim.Payer.VisitLevelTolerance)
                yield return Of(Reject(Id, IssueType.BusinessRule, path, $"Billed {level.Billed}; record supports {level.Code}: {level.Why}.{confirm}"), line, level);
        }
    }

    private static ScrubFinding Of(ScrubFinding finding, ScrubLine line, SupportedLevel level) =>
        finding.On(line).With("supported", level.Code).With("ifConfirmed", level.CodeIfConfirmed).From(level.Evidence);
}
