using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>One piece of work for a billing worklist (billing spec 1.7), before it is a FHIR Task.</summary>
public sealed record WorklistTask
{
    /// <summary>Worklist code, <c>fix-scrub</c>, <c>denial-coding</c> ...</summary>
    public required string Code { get; init; }

    /// <summary>Idempotency key: committing the same work twice makes one Task.</summary>
    public required string Key { get; init; }

    /// <summary>Claim or ClaimResponse the work is about; null when nothing of ours fits.</summary>
    public string? Focus { get; init; }

    /// <summary>The patient; null when nobody is known.</summary>
    public string? Patient { get; init; }

    /// <summary>The ClaimResponse that gave the reason, when there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>Group that does the work, <c>coders</c>; null leaves it open.</summary>
    public string? Group { get; init; }

    /// <summary>What to do, without names or dates of birth.</summary>
    public required string Description { get; init; }

    /// <summary>Last day the work is of use; null when nothing is lost by waiting.</summary>
    public DateOnly? Deadline { get; init; }

    public required decimal ValueAtStakeUsd { get; init; }

    /// <summary>The payment the work is about: payer and trace number.</summary>
    public string? Payment { get; init; }

    /// <summary>What to mend, a line each, for people.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>The same for programs: becomes a contained OperationOutcome, and the reason when there is no other.</summary>
    public IReadOnlyList<OperationOutcome.IssueComponent> Issues { get; init; } = [];

    /// <summary>Further facts of the work, for programs.</summary>
    public IReadOnlyList<FhirTask.ParameterComponent> Inputs { get; init; } = [];

    /// <summary>The Task this one belongs to: the denial that is appealed.</summary>
    public string? PartOf { get; init; }

    /// <summary><c>asap</c> with less than 7 days left, <c>urgent</c> with less than 14, else <c>routine</c>.</summary>
    public static RequestPriority PriorityFor(DateOnly? deadline, DateOnly today) => (deadline?.DayNumber - today.DayNumber) switch
    {
        < 7 => RequestPriority.Asap,
        < 14 => RequestPriority.Urgent,
        _ => RequestPriority.Routine,
    };

    public FhirTask ToResource(DateOnly today, DateTimeOffset now)
    {
        var task = new FhirTask
        {
            Identifier = [new Identifier(BillingUrls.IdempotencyKey, Key)],
            Status = FhirTask.TaskStatus.Requested,
            Intent = FhirTask.TaskIntent.Order,
            Priority = PriorityFor(Deadline, today),
            Code = new CodeableConcept(BillingUrls.TaskCode, Code),
            Description = Description,
            AuthoredOnElement = new FhirDateTime(now),
            LastModifiedElement = new FhirDateTime(now),
            Input = [Input("value-at-stake", "value at stake", ClaimBuilder.Usd(ValueAtStakeUsd)), .. Findings.Select(f => Input("finding", "finding", new FhirString(f)))],
        };
        if (Payment is not null)
            task.Input.Add(Input("payment", "payment", new FhirString(Payment)));
        task.Input.AddRange(Inputs);
        if (PartOf is not null)
            task.PartOf = [new ResourceReference(PartOf)];
        if (Focus is not null)
            task.Focus = new ResourceReference(Focus);
        if (Patient is not null)
            task.For = new ResourceReference(Patient);
        if (Issues.Count > 0)
            task.Contained = [new OperationOutcome { Id = "findings", Issue = [.. Issues] }];
        if (Reason is not null || Issues.Count > 0)
            task.ReasonReference = new ResourceReference(Reason ?? "#findings");
        if (Group is not null)
            task.PerformerType.Add(new CodeableConcept("urn:fhiremr:worklist-group", Group) { Text = Group });
        if (Deadline is { } deadline)
            task.Restriction = new FhirTask.RestrictionComponent { Period = new Period { End = DateOfService.Text(deadline) } };
        return task;
    }

    private static FhirTask.ParameterComponent Input(string code, string text, DataType value) =>
        new() { Type = new CodeableConcept(BillingUrls.TaskCode, code, null, text), Value = value };
}
