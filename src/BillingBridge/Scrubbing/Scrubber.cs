using System.Globalization;
using FhirEmr.BillingBridge.Charges;
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
        foreach (var rule in rules)
        {
            foreach (var finding in rule.Check(claim))
            {
                if (finding.Severity == FindingSeverity.Information && !notEvaluated.Add(finding.RuleId))
                    continue;
                if (Override(claim, finding) is { } kept)
                    findings.Add(Acknowledge(claim, WithParty(claim, WithLine(claim, kept))));
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

    /// <summary>What the line says belongs to what was seen, whichever rule looked.</summary>
    private static ScrubFinding WithLine(ClaimGraph claim, ScrubFinding finding)
    {
        if (finding.Line is not { } number || claim.Lines.FirstOrDefault(l => l.Number == number) is not { } line)
            return finding;
        var seen = new Dictionary<string, string>(finding.Seen);
        seen.TryAdd("code", line.Code);
        seen.TryAdd("units", line.Units.ToString(CultureInfo.InvariantCulture));
        if (line.Modifiers.Count > 0)
            seen.TryAdd("modifiers", string.Join(' ', line.Modifiers));
        if (line.From is { } day)
            seen.TryAdd("serviceDate", DateOfService.Text(day));
        if (line.Place is { } place)
            seen.TryAdd("place", place);
        return finding with { Seen = seen };
    }

    /// <summary>The rules of registration quote the patient, those of insurance the coverage.</summary>
    private static ScrubFinding WithParty(ClaimGraph claim, ScrubFinding finding) => finding.RuleId switch
    {
        ['P', 'A', 'T', '-', ..] => finding.From($"Patient/{claim.Patient.Id}"),
        ['C', 'O', 'V', '-', ..] => finding.From(claim.Focal?.Coverage?.Reference),
        _ => finding,
    };

    /// <summary>A warning is let stand as it read; a rejection never is, nor is what the payer's row made one.</summary>
    private static ScrubFinding Acknowledge(ClaimGraph claim, ScrubFinding finding) => finding.Severity == FindingSeverity.Warn
        ? finding with { Acknowledged = claim.History.Acknowledgements.LastOrDefault(a => a.RuleId == finding.RuleId && a.Message == finding.Message) }
        : finding;
}
