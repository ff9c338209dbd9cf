using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Runs every rule of the book over a claim. No I/O, no early stop.</summary>
public sealed class Scrubber(ITerminology terminology, EditTables edits)
{
    private readonly IReadOnlyList<IScrubRule> rules = RuleBook.Rules(terminology, edits);

    /// <summary>Findings in book order; "not evaluated" once per rule; the payer's overrides applied.</summary>
    public IReadOnlyList<ScrubFinding> Scrub(ClaimGraph claim)
    {
        var findings = new List<ScrubFinding>();
        var notEvaluated = new HashSet<string>();
        foreach (var rule in rules)
        {
            foreach (var finding in rule.Check(claim))
            {
                if (finding.Severity == FindingSeverity.Information && !notEvaluated.Add(finding.RuleId))
                    continue;
                if (Override(claim, finding) is { } kept)
                    findings.Add(kept);
            }
        }

        return findings;
    }

    /// <summary>Whether the claim must be held.</summary>
    public static bool Holds(IEnumerable<ScrubFinding> findings) => findings.Any(f => f.Severity == FindingSeverity.Reject);

    private static ScrubFinding? Override(ClaimGraph claim, ScrubFinding finding)
    {
        var row = claim.Payer.Overrides.FirstOrDefault(o => o.RuleId == finding.RuleId && o.IsInForce(claim.FirstServiceDate));
        return row switch
        {
            null => finding,
            { Severity: null } => null,
            { Severity: { } severity } => finding.Severity == FindingSeverity.Information ? finding : finding with { Severity = severity },
        };
    }
}
