using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-013: a repeat has a first; 91 is for laboratory tests.</summary>
internal sealed class RepeatHasFirst : IScrubRule
{
    public string Id => "MOD-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (!line.HasAny(["76", "77", "91"]))
                continue;
            var isRepeat = claim.Lines.Any(o => o.Index < line.Index && o.Code == line.Code && o.From == line.From)
                || claim.OtherLines.Any(o => o.Line.Code == line.Code && o.Line.From == line.From);
            if (!isRepeat)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Repeat: no earlier {line.Code} that day.").On(line);
            else if (line.Has("91") && !CodeFacts.IsLaboratory(line.Code))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Repeat: 91 is for laboratory tests; use 76 or 77.").On(line);
        }
    }
}
