using System.Globalization;
using FhirEmr.BillingBridge.Claims;
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

/// <summary>How often a step won here, for one reason.</summary>
public sealed record StepSuccess(string Step, int Won, int Tried)
{
    /// <summary>With few tries behind it a rate says little: one more won and one more lost are assumed.</summary>
    public decimal Rate => (Won + 1m) / (Tried + 2m);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DenialStep.Done(Step)}: {Won} of {Tried} paid");

    /// <summary>Successes for a reason, most tried first: with this payer where there are three tries, else with all payers.</summary>
    public static IReadOnlyList<StepSuccess> Of(IReadOnlyList<PastAttempt> attempts, string carc, string? payer)
    {
        var same = attempts.Where(a => a.Carcs.Contains(carc)).ToList();
        var own = same.Where(a => a.Payer is not null && a.Payer == payer).ToList();
        return
        [
            .. from attempt in own.Count >= 3 ? own : same
               group attempt by attempt.Step into step
               select new StepSuccess(step.Key, step.Count(a => a.Won), step.Count()) into success
               orderby success.Tried descending, success.Won descending, success.Step
               select success,
        ];
    }
}
