using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>What to do next about a denial, and how that went here before.</summary>
/// <param name="Step">See <see cref="DenialStep"/>.</param>
/// <param name="Why">The step in words, with the taxonomy's first action.</param>
/// <param name="Past">What was tried here before for the same reason, the step's own tries first.</param>
public sealed record NextStep(string Step, string Why, IReadOnlyList<StepSuccess> Past)
{
    /// <summary>Tries below which our own history does not overrule the taxonomy.</summary>
    private const int Enough = 3;

    /// <summary>
    /// Fixable data is corrected, judgement is appealed; what has won more often here goes before, where the payer still takes it; when both
    /// ways are closed the amount is written off or goes to the patient (billing spec section 7).
    /// </summary>
    /// <param name="category">The worklist category.</param>
    /// <param name="denied">The amounts, the largest of which decides.</param>
    /// <param name="limits">Until when the payer takes what.</param>
    /// <param name="today">The day of the decision.</param>
    /// <param name="attempts">This practice's closed denials.</param>
    /// <param name="payer">Reference of the payer.</param>
    public static NextStep Decide(
        string category, IReadOnlyList<DeniedAmount> denied, DenialLimits limits, DateOnly today, IReadOnlyList<PastAttempt> attempts, string? payer)
    {
        var main = denied.MaxBy(d => d.AmountUsd);
        var successes = main is null ? [] : StepSuccess.Of(attempts, main.Carc, payer);
        var step = Reachable(Route(category, main, denied), limits, today, denied);
        var best = successes.Where(s => s.Tried >= Enough && IsOpen(s.Step, limits, today)).MaxBy(s => s.Rate);
        if (best is not null && best.Rate > 0.5m && step is not (DenialStep.WriteOff or DenialStep.BillPatient or DenialStep.Resend))
            step = best.Step.StartsWith(DenialStep.Replace, StringComparison.Ordinal) ? DenialStep.Replace : best.Step;

        IReadOnlyList<StepSuccess> past = [.. successes.OrderByDescending(s => DenialStep.IsA(s.Step, step))];
        return new NextStep(step, Words(step, denied, limits, today), past);
    }

    /// <summary>Past success of the step suggested, for one line; says so when there is none.</summary>
    public string PastWords => Past.Count == 0 ? "No closed denial here for this reason yet." : $"Here: {string.Join("; ", Past.Take(3))}.";

    private static string Route(string category, DeniedAmount? main, IReadOnlyList<DeniedAmount> denied)
    {
        if (denied.Any(d => DenialReason.IsUnprocessable(d.Remarks)))
            return DenialStep.Resend;
        if (category == "auth")
            return main?.Carc is "39" or "197" or "198" or "210" ? DenialStep.Appeal : DenialStep.Replace;
        return DenialTask.PathOf(category) switch
        {
            "appeal" => DenialStep.Appeal,
            "records" => DenialStep.SendRecords,
            "coverage" or "payer" => DenialStep.OtherPayer,
            "find" => DenialStep.FindFirst,
            "patient" => denied.All(d => d.Group == "PR") ? DenialStep.BillPatient : DenialStep.Review,
            "review" => DenialStep.Review,
            _ => DenialStep.Replace,
        };
    }

    /// <summary>The step itself when its way is open, else the other way at this payer, else the end.</summary>
    private static string Reachable(string step, DenialLimits limits, DateOnly today, IReadOnlyList<DeniedAmount> denied)
    {
        if (step == DenialStep.BillPatient || IsOpen(step, limits, today))
            return step;
        if (step == DenialStep.Resend)
            return End(denied);
        return limits.CanAppeal(today) ? DenialStep.Appeal : limits.CanCorrect(today) ? DenialStep.Replace : End(denied);
    }

    private static bool IsOpen(string step, DenialLimits limits, DateOnly today) => step switch
    {
        DenialStep.Appeal => limits.CanAppeal(today),
        DenialStep.SendRecords => limits.CanAppeal(today) || limits.CanCorrect(today),
        DenialStep.Resend => limits.CorrectBy is null || limits.CanCorrect(today),
        _ when step.StartsWith(DenialStep.Replace, StringComparison.Ordinal) => limits.CanCorrect(today),
        DenialStep.WriteOff or DenialStep.BillPatient or DenialStep.Reprocessed => false,
        _ => true,
    };

    private static string End(IReadOnlyList<DeniedAmount> denied) =>
        denied.Count > 0 && denied.All(d => d.Group == "PR") ? DenialStep.BillPatient : DenialStep.WriteOff;

    private static string Words(string step, IReadOnlyList<DeniedAmount> denied, DenialLimits limits, DateOnly today)
    {
        var actions = denied.Select(FirstAction).Where(a => a.Length > 0).Distinct().ToList();
        var first = actions.Count > 0 && step is not (DenialStep.WriteOff or DenialStep.BillPatient) ? $"; first: {string.Join("; ", actions)}" : "";
        return $"{Late(limits, today)}{DenialStep.ToDo(step)}{first}";
    }

    /// <summary>The taxonomy's first action, without the patient where the group code forbids to bill them.</summary>
    private static string FirstAction(DeniedAmount denied)
    {
        var action = DenialReason.Of(denied.Carc, denied.Remarks, paidNothing: true).FirstAction ?? "";
        return action.StartsWith("by RARC", StringComparison.Ordinal)
            ? ""
            : string.Join(" / ", action.Split(" / ").Where(a => denied.Group == "PR" || a is not "patient"));
    }

    private static string Late(DenialLimits limits, DateOnly today)
    {
        var missed = new List<string>();
        if (limits.CorrectBy < today)
            missed.Add($"the limit for a corrected claim passed on {DateOfService.Text(limits.CorrectBy.Value)}");
        if (limits.AppealBy < today)
            missed.Add($"the limit to appeal passed on {DateOfService.Text(limits.AppealBy.Value)}");
        return missed.Count == 0 ? "" : $"LATE: {string.Join(" and ", missed)}; ";
    }
}
