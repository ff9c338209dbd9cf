using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.FhirServer.Validation;

/// <summary>A report as clients see it: the one place where findings become an OperationOutcome.</summary>
internal static class ValidationOutcome
{
    /// <summary>System of the stable ids in <c>issue.details.coding</c>.</summary>
    public const string MessageSystem = "urn:fhiremr:CodeSystem:validation-message";

    private const string MessageId = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id";

    public static OperationOutcome Of(ValidationReport report)
    {
        var outcome = new OperationOutcome();
        if (!report.HasErrors)
            outcome.Issue.Add(Component(new(Severity.Information, Messages.Valid, null, "",
                report.Profiles.Count == 0 ? "No errors." : $"No errors. Checked against {string.Join(", ", report.Profiles)}.", null, 0, 0)));
        foreach (var issue in report.Issues)
            outcome.Issue.Add(Component(issue));
        return outcome;
    }

    private static IssueComponent Component(ValidationIssue issue)
    {
        var component = new IssueComponent
        {
            Severity = issue.Severity switch { Severity.Error => IssueSeverity.Error, Severity.Warning => IssueSeverity.Warning, _ => IssueSeverity.Information },
            Code = EnumUtility.ParseLiteral<IssueType>(issue.Message.IssueType),
            Details = new CodeableConcept { Coding = [new(MessageSystem, issue.Id)], Text = issue.Text },
            Expression = issue.Path.Length == 0 ? [] : [issue.Path],
            Location = issue.Line == 0 ? [] : [$"line {issue.Line}, column {issue.Column}"],
            Diagnostics = issue.Profile is null ? null : issue.Key is null ? issue.Profile : $"{issue.Profile} {issue.Key}",
        };
        component.Extension.Add(new(MessageId, new FhirString(issue.Id)));
        return component;
    }
}
