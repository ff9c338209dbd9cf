using System.Text.Json;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Findings as the OperationOutcome that <c>$scrub</c> returns.</summary>
public static partial class ScrubReport
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    /// <param name="findings">What the rules say.</param>
    /// <param name="withheld">References of resources the reader may not see: a finding that quotes one names its rule and its place, and nothing else.</param>
    public static OperationOutcome ToOutcome(IReadOnlyList<ScrubFinding> findings, IReadOnlySet<string>? withheld = null)
    {
        var hidden = withheld ?? Nothing;
        var outcome = new OperationOutcome { Issue = [.. findings.Select(f => Issue(References(f).Any(hidden.Contains) ? Withheld(f) : f))] };
        if (outcome.Issue.Count == 0)
        {
            outcome.Issue.Add(new OperationOutcome.IssueComponent
            {
                Severity = OperationOutcome.IssueSeverity.Information,
                Code = OperationOutcome.IssueType.Informational,
                Details = new CodeableConcept { Text = "All OK" },
            });
        }

        return outcome;
    }

    /// <summary>Every resource beside the claim that a finding stands on or names.</summary>
    public static IEnumerable<string> References(ScrubFinding finding) => finding.Evidence
        .Concat(finding.Seen.Values.Append(finding.Message).SelectMany(text => Reference().Matches(text).Select(m => m.Value)))
        .Where(r => ModelInfo.IsKnownResource(r[..r.IndexOf('/', StringComparison.Ordinal)])).Distinct();

    private static ScrubFinding Withheld(ScrubFinding finding) => finding with
    {
        Message = $"{finding.RuleId} does not pass. Withheld: you may not read what this stands on.",
        Seen = SeenValues.None,
        Acknowledged = finding.Acknowledged is { } by ? by with { Message = "", Reason = "withheld" } : null,
    };

    private static OperationOutcome.IssueComponent Issue(ScrubFinding finding) => new()
    {
        Severity = finding.Severity switch
        {
            FindingSeverity.Reject => OperationOutcome.IssueSeverity.Error,
            // A person has decided: worth showing, no longer worth stopping for.
            FindingSeverity.Warn when finding.Acknowledged is not null => OperationOutcome.IssueSeverity.Information,
            FindingSeverity.Warn => OperationOutcome.IssueSeverity.Warning,
            _ => OperationOutcome.IssueSeverity.Information,
        },
        Code = finding.Code,
        Details = new CodeableConcept(BillingUrls.ScrubRule, finding.RuleId, null, Text(finding)),
        Expression = [finding.Expression],
        Diagnostics = JsonSerializer.Serialize(new Diagnostics(finding.RuleId, finding.Line, finding.Seen, RuleSources.Of(finding.RuleId), finding.Table, finding.Acknowledged), JsonSerializerOptions.Web),
    };

    private static string Text(ScrubFinding finding) => finding.Acknowledged is { } by
        ? $"{finding.Message} Let stand by {by.By} on {DateOfService.Text(by.On)}: {by.Reason}"
        : finding.Message;

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+/[A-Za-z0-9][A-Za-z0-9.-]{0,63}(?<![.])")]
    private static partial Regex Reference();

    private sealed record Diagnostics(string Rule, int? Line, IReadOnlyDictionary<string, string> Seen, string Source, string? Table, Acknowledgement? Acknowledged);
}
