using System.Globalization;

namespace FhirEmr.BillingBridge.Denials;

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
