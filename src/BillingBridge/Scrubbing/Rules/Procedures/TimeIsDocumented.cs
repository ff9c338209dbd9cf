using FhirEmr.Terminology.CodeSystems;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-018: a service billed by time has its time in the record, and enough of it.</summary>
internal sealed class TimeIsDocumented : IScrubRule
{
    public string Id => "PROC-018";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (ProcedureTraits.Of(line.Code) is not { IsTimed: true, Minutes: { } least })
                continue;
            var needed = DocumentedMinutes.IsFifteenMinutes(line.Code) ? 8 : least;
            if (DocumentedMinutes.Of(claim, line) is not { } minutes)
                yield return Reject(Id, IssueType.Required, line.Path, $"Time missing: {line.Code} is billed by time, but the record has no start and end of it. Enter the minutes.").On(line);
            else if (minutes < needed)
                yield return Reject(Id, IssueType.BusinessRule, line.Path, $"Time too short: {minutes} minutes documented, {line.Code} needs {needed}. Bill the shorter service.").On(line).With("minutes", $"{minutes}").From(DocumentedMinutes.Sources(claim, line));
        }
    }
}
