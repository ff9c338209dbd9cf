using System.Text.Json;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Findings as the OperationOutcome that <c>$scrub</c> returns.</summary>
public static class ScrubReport
{
    public static OperationOutcome ToOutcome(IReadOnlyList<ScrubFinding> findings)
    {
        var outcome = new OperationOutcome { Issue = [.. findings.Select(Issue)] };
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

    private sealed record Diagnostics(string Rule, int? Line, IReadOnlyDictionary<string, string> Seen, string Source, string? Table, Acknowledgement? Acknowledged);
}
