using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>A denial of this practice that is over: what was tried and how it ended.</summary>
/// <param name="Payer">Reference of the payer; null when unknown.</param>
/// <param name="Step">What was done, see <see cref="DenialStep"/>.</param>
/// <param name="Won">Money came, or is owed by the patient under the plan: overturned or in part.</param>
public sealed record PastAttempt(string? Payer, IReadOnlyList<string> Carcs, string Step, bool Won)
{
    /// <summary>What a closed denial Task tells; null when it was closed without a try at the payer.</summary>
    public static PastAttempt? Of(FhirTask task)
    {
        if (task.Status != FhirTask.TaskStatus.Completed
            || DenialOutputs.Outcome(task) is not (DenialOutcome.Overturned or DenialOutcome.Partial or DenialOutcome.Upheld)
            || DenialOutputs.Step(task) is not { } step)
            return null;
        var denied = DeniedAmount.Of(task);
        return denied.Count == 0
            ? null
            : new PastAttempt(DenialInputs.Payer(task), [.. denied.Select(d => d.Carc).Distinct()], step, DenialOutputs.Outcome(task) is not DenialOutcome.Upheld);
    }
}
