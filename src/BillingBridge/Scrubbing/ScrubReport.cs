using System.Text.Json;
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
            FindingSeverity.Warn => OperationOutcome.IssueSeverity.Warning,
            _ => OperationOutcome.IssueSeverity.Information,
        },
        Code = finding.Code,
        Details = new CodeableConcept(BillingUrls.ScrubRule, finding.RuleId, null, finding.Message),
        Expression = [finding.Expression],
        Diagnostics = JsonSerializer.Serialize(new Diagnostics(finding.RuleId, finding.Line, finding.Seen, finding.Table), JsonSerializerOptions.Web),
    };

    private sealed record Diagnostics(string Rule, int? Line, IReadOnlyDictionary<string, string> Seen, string? Table);
}
