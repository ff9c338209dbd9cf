using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>How a denial or appeal Task ended, in <c>Task.output</c> and <c>Task.businessStatus</c>.</summary>
public static class DenialOutputs
{
    private const string OutcomeCode = "outcome";
    private const string StepCode = "step";
    private const string AmountCode = "amount-won";
    private const string ResponseCode = "response";

    public static string? Outcome(FhirTask task) => (Value(task, OutcomeCode) as CodeableConcept)?.Coding.FirstOrDefault()?.Code;

    public static string? Step(FhirTask task) => (Value(task, StepCode) as CodeableConcept)?.Coding.FirstOrDefault()?.Code;

    public static decimal? AmountUsd(FhirTask task) => (Value(task, AmountCode) as Money)?.Value;

    public static bool IsOpen(FhirTask task) =>
        task.Status is not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled or FhirTask.TaskStatus.EnteredInError or FhirTask.TaskStatus.Rejected or FhirTask.TaskStatus.Failed);

    /// <summary>The Task as it ends; the one given in is not touched.</summary>
    /// <param name="task">An open one.</param>
    /// <param name="outcome">See <see cref="DenialOutcome"/>.</param>
    /// <param name="step">What was done; null when nothing was tried.</param>
    /// <param name="amountUsd">Money won; null when no money is in question.</param>
    /// <param name="response">The answer that decided; null when a person did.</param>
    /// <param name="now">Moment of the decision.</param>
    internal static FhirTask Close(FhirTask task, string outcome, string? step, decimal? amountUsd, string? response, DateTimeOffset now)
    {
        var closed = (FhirTask)task.DeepCopy();
        closed.Status = FhirTask.TaskStatus.Completed;
        closed.BusinessStatus = new CodeableConcept(BillingUrls.TaskCode, outcome, null, DenialOutcome.Words(outcome));
        closed.LastModifiedElement = new FhirDateTime(now);
        closed.Output.Add(Output(OutcomeCode, new CodeableConcept(BillingUrls.TaskCode, outcome, null, DenialOutcome.Words(outcome))));
        if (step is not null)
            closed.Output.Add(Output(StepCode, new CodeableConcept(BillingUrls.TaskCode, step, null, DenialStep.Done(step))));
        if (amountUsd is { } amount)
            closed.Output.Add(Output(AmountCode, ClaimBuilder.Usd(amount)));
        if (response is not null)
            closed.Output.Add(Output(ResponseCode, new ResourceReference(response)));
        return closed;
    }

    private static FhirTask.OutputComponent Output(string code, DataType value) =>
        new() { Type = new CodeableConcept(BillingUrls.TaskCode, code, null, code.Replace('-', ' ')), Value = value };

    private static DataType? Value(FhirTask task, string code) =>
        task.Output.Find(o => o.Type?.Coding.Exists(c => c.System == BillingUrls.TaskCode && c.Code == code) == true)?.Value;
}
