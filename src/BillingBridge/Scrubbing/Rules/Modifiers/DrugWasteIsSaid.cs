using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-022: a Medicare drug line says whether any was discarded.</summary>
internal sealed class DrugWasteIsSaid : IScrubRule
{
    public string Id => "MOD-022";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Payer.Family != PayerFamily.Medicare)
            yield break;

        foreach (var line in claim.Lines.Where(l => CodeFacts.IsDrug(l.Code)))
        {
            if (!line.HasAny(["JW", "JZ"]))
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", "JW/JZ: say whether any of a single-dose container was discarded.").On(line);
            else if (line.Has("JW") && !claim.Lines.Any(o => o.Index != line.Index && o.Code == line.Code))
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", "JW/JZ: the line of the dose given is missing beside the discarded one.").On(line);
        }
    }
}
