using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-012: an anatomical modifier is one that the code has.</summary>
internal sealed class SideIsOfTheCode(EditTables edits) : IScrubRule
{
    public string Id => "MOD-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.Table(TableNames.Anatomy) is not { } table)
        {
            if (claim.Lines.Any(l => l.HasAny(Anatomical)))
                yield return NotEvaluated(Id, TableNames.Anatomy, claim.FirstServiceDate);
            yield break;
        }

        foreach (var line in claim.Lines)
        {
            if (table.Find(line.Code, line.From ?? claim.FirstServiceDate).FirstOrDefault() is not { } row)
                continue;
            var fitting = row["modifiers"].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var modifier in line.Modifiers.Where(m => Anatomical.Contains(m) && !fitting.Contains(m)))
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Anatomical modifier {modifier} does not go with {line.Code}: {(fitting.Length == 0 ? "remove it" : $"use one of {string.Join(", ", fitting)}")}.")
                    .On(line).With("modifier", modifier).ByTable(table.Edition);
            }

            if (row["required"] == "yes" && !line.HasAny(fitting) && !line.Has("50"))
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", $"Anatomical modifier missing: {line.Code} wants one of {string.Join(", ", fitting)}.").On(line).ByTable(table.Edition);
        }
    }

    private static readonly HashSet<string> Anatomical =
    [
        "RT", "LT", "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9",
        "LC", "LD", "LM", "RC", "RI",
    ];
}
