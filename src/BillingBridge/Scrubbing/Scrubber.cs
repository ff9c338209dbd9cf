using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Runs every rule of the book over a claim. No I/O, no early stop.</summary>
public sealed class Scrubber(ITerminology terminology, EditTables edits)
{
    private readonly IReadOnlyList<IScrubRule> rules = RuleBook.Rules(terminology, edits);

    /// <summary>Findings in book order; "not evaluated" once per rule; the payer's overrides and the acknowledgements applied.</summary>
    public IReadOnlyList<ScrubFinding> Scrub(ClaimGraph claim)
    {
        var findings = new List<ScrubFinding>();
        var notEvaluated = new HashSet<string>();
        var lines = LinesByNumber(claim);
        foreach (var rule in rules)
        {
            foreach (var finding in rule.Check(claim))
            {
                if (finding.Severity == FindingSeverity.Information && !notEvaluated.Add(finding.RuleId))
                    continue;
                if (Override(claim, finding) is { } kept)
                    findings.Add(Acknowledge(claim, WithParty(claim, WithLine(lines, kept))));
            }
        }

        return findings;
    }

    /// <summary>Whether the claim must be held.</summary>
    public static bool Holds(IEnumerable<ScrubFinding> findings) => findings.Any(f => f.Severity == FindingSeverity.Reject);

    private static ScrubFinding? Override(ClaimGraph claim, ScrubFinding finding)
    {
        foreach (var row in claim.Payer.Overrides)
        {
            if (row.RuleId == finding.RuleId && row.IsInForce(claim.FirstServiceDate))
                return row.Severity is not { } severity ? null : finding.Severity == FindingSeverity.Information ? finding : finding with { Severity = severity };
        }

        return finding;
    }

    /// <summary>The first line of each number; a claim as written may have one twice.</summary>
    private static Dictionary<int, ScrubLine> LinesByNumber(ClaimGraph claim)
    {
        var lines = new Dictionary<int, ScrubLine>(claim.Lines.Count);
        foreach (var line in claim.Lines)
            lines.TryAdd(line.Number, line);
        return lines;
    }

    /// <summary>What the line says belongs to what was seen, whichever rule looked.</summary>
    private static ScrubFinding WithLine(Dictionary<int, ScrubLine> lines, ScrubFinding finding) =>
        finding.Line is { } number && lines.TryGetValue(number, out var line)
            ? finding with { Seen = SeenValues.Of(finding.Seen).Or(line.Seen) }
            : finding;

    /// <summary>The rules of registration quote the patient, those of insurance the coverage.</summary>
    private static ScrubFinding WithParty(ClaimGraph claim, ScrubFinding finding) => finding.RuleId switch
    {
        ['P', 'A', 'T', '-', ..] => finding.From($"Patient/{claim.Patient.Id}"),
        ['C', 'O', 'V', '-', ..] => finding.From(claim.Focal?.Coverage?.Reference),
        _ => finding,
    };

    /// <summary>A warning is let stand as it read; a rejection never is, nor is what the payer's row made one.</summary>
    private static ScrubFinding Acknowledge(ClaimGraph claim, ScrubFinding finding) => finding.Severity == FindingSeverity.Warn && claim.History.Acknowledgements.Count > 0
        ? finding with { Acknowledged = claim.History.Acknowledgements.LastOrDefault(a => a.RuleId == finding.RuleId && a.Message == finding.Message) }
        : finding;
}
