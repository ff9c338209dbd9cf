using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The work a claim makes that did not get through (billing spec 1.7).</summary>
internal static class RejectionTask
{
    public const string FixRejection = "fix-rejection";
    public const string ProviderQuery = "provider-query";

    /// <param name="code">Worklist.</param>
    /// <param name="key">Idempotency key.</param>
    /// <param name="claim">Focus.</param>
    /// <param name="description">What happened, in a sentence.</param>
    /// <param name="errors">What to mend.</param>
    public static WorklistTask For(string code, string key, Claim claim, string description, IReadOnlyList<AcknowledgedError> errors) => new()
    {
        Code = code,
        Key = key,
        Focus = $"Claim/{claim.Id}",
        Patient = claim.Patient?.Reference,
        Description = description,
        ValueAtStakeUsd = claim.Total?.Value ?? 0m,
        Findings = [.. errors.Select(e => e.Text)],
        Issues = [.. errors.Select(Issue)],
    };

    private static OperationOutcome.IssueComponent Issue(AcknowledgedError error) => new()
    {
        Severity = OperationOutcome.IssueSeverity.Error,
        Code = OperationOutcome.IssueType.Value,
        Details = new CodeableConcept { Text = $"{error.Code}: {error.Message}" },
        Diagnostics = error.SentSegment,
        Expression = error.Expression is { } path ? [path] : [],
    };
}
