using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Which open Task comes first: money times nearness of the deadline (product spec 4.8).</summary>
public static class WorkOrder
{
    /// <summary>
    /// Dollars at stake for each day that is left, today counting as one. A Task without a deadline counts as due in a month; one that is late
    /// as due today. When neither way at the payer is open any more there is nothing to hurry for: a hundredth.
    /// </summary>
    public static decimal Score(FhirTask task, DateOnly today)
    {
        var usd = DenialInputs.AtStakeUsd(task);
        var days = DenialInputs.Deadline(task) is { } deadline ? Math.Max(0, deadline.DayNumber - today.DayNumber) : 30;
        return usd / (1 + days) / (IsLost(task, today) ? 100 : 1);
    }

    /// <summary>Whether every limit of the payer has passed.</summary>
    public static bool IsLost(FhirTask task, DateOnly today) => DenialInputs.Limits(task).Last < today;

    /// <summary>Late things first, in a sentence; null when nothing is late.</summary>
    public static string? Late(FhirTask task, DateOnly today)
    {
        var limits = DenialInputs.Limits(task);
        var missed = new List<string>();
        if (limits.AppealBy < today)
            missed.Add($"The limit to appeal passed on {DateOfService.Text(limits.AppealBy.Value)}.");
        if (limits.CorrectBy < today)
            missed.Add($"The limit for a corrected claim passed on {DateOfService.Text(limits.CorrectBy.Value)}.");
        if (DenialInputs.Deadline(task) is { } due && due < today)
            missed.Add($"Due since {DateOfService.Text(due)}, {today.DayNumber - due.DayNumber} days late.");
        return missed.Count == 0 ? null : string.Join(' ', missed);
    }

    /// <summary>The first of the open ones; null when there is none.</summary>
    public static FhirTask? First(IEnumerable<FhirTask> tasks, DateOnly today) => tasks
        .Where(t => DenialOutputs.IsOpen(t) && t.Status != FhirTask.TaskStatus.OnHold)
        .OrderByDescending(t => Score(t, today)).ThenBy(t => DenialInputs.Deadline(t) ?? DateOnly.MaxValue).ThenBy(t => t.AuthoredOn).ThenBy(t => t.Id, StringComparer.Ordinal)
        .FirstOrDefault();
}
