using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-001: each modifier is in the CPT or HCPCS list.</summary>
internal sealed class ModifierIsKnown(ITerminology terminology) : IScrubRule
{
    public string Id => "MOD-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            foreach (var (j, modifier) in line.Modifiers.Index())
            {
                var path = $"{line.Path}.modifier[{j}]";
                if (modifier.Length != 2)
                {
                    yield return Reject(Id, IssueType.CodeInvalid, path, $"Unknown modifier '{modifier}': two characters are needed.").On(line);
                }
                else if (modifier.All(char.IsAsciiDigit))
                {
                    if (!CptModifiers.Contains(modifier))
                        yield return Reject(Id, IssueType.CodeInvalid, path, $"Unknown modifier {modifier}.").On(line);
                }
                else if (terminology.Find(CodeSystemUrls.Hcpcs, modifier, line.From ?? claim.FirstServiceDate) is null)
                {
                    var day = line.From ?? claim.FirstServiceDate;
                    if (terminology.StateOfModifiers(CodeSystemUrls.Hcpcs, day) == TableState.Complete)
                        yield return Reject(Id, IssueType.CodeInvalid, path, $"Unknown modifier {modifier}.").On(line);
                    else
                        yield return NotEvaluated(Id, "HCPCS modifiers", day);
                }
            }
        }
    }

    private static readonly HashSet<string> CptModifiers =
    [
        "22", "23", "24", "25", "26", "27", "32", "33", "47", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "62", "63", "66", "73", "74",
        "76", "77", "78", "79", "80", "81", "82", "90", "91", "92", "93", "95", "96", "97", "99",
    ];
}
