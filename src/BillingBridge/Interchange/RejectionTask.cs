using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>A worklist entry about one claim that did not get through (billing spec 1.7).</summary>
internal static class RejectionTask
{
    public const string FixRejection = "fix-rejection";
    public const string ProviderQuery = "provider-query";

    /// <param name="code">Worklist.</param>
    /// <param name="key">Idempotency key.</param>
    /// <param name="claim">Focus.</param>
    /// <param name="description">What happened, in a sentence.</param>
    /// <param name="errors">What to mend: becomes inputs, and an OperationOutcome for programs.</param>
    /// <param name="now">When it happened.</param>
    public static FhirTask For(string code, string key, Claim claim, string description, IReadOnlyList<AcknowledgedError> errors, DateTimeOffset now)
    {
        var task = new FhirTask
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)],
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Priority = RequestPriority.Routine,
            Code = new CodeableConcept(BillingUrls.TaskCode, code),
            Description = description,
            Focus = new ResourceReference($"Claim/{claim.Id}"),
            For = claim.Patient,
            AuthoredOnElement = new FhirDateTime(now),
            Input = [.. errors.Select(e => Input(InterchangeUrls.Finding, new FhirString(e.Text)))],
        };
        if (claim.Total is { } total)
            task.Input.Add(Input("amount", (Money)total.DeepCopy()));
        if (errors.Count == 0)
            return task;

        task.Contained = [new OperationOutcome { Id = "findings", Issue = [.. errors.Select(Issue)] }];
        task.ReasonReference = new ResourceReference("#findings");
        return task;
    }

    private static OperationOutcome.IssueComponent Issue(AcknowledgedError error) => new()
    {
        Severity = OperationOutcome.IssueSeverity.Error,
        Code = OperationOutcome.IssueType.Value,
        Details = new CodeableConcept { Text = $"{error.Code}: {error.Message}" },
        Diagnostics = error.SentSegment,
        Expression = error.Expression is { } path ? [path] : [],
    };

    private static FhirTask.ParameterComponent Input(string type, DataType value) => new() { Type = new CodeableConcept { Text = type }, Value = value };
}
