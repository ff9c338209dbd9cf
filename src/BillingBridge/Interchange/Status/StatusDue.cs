using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Interchange.Status;

/// <summary>Which silence about a claim is too long (billing spec 1.7).</summary>
public enum StatusDue
{
    /// <summary>There is still time.</summary>
    None,

    /// <summary>No 277CA after three business days: nobody has said that the claim arrived.</summary>
    NoAcknowledgement,

    /// <summary>No remittance ten days after the payer's days to pay.</summary>
    NoAnswer,
}

/// <summary>Decides it.</summary>
public static class StatusDueDays
{
    public const int BusinessDaysToAcknowledge = 3;
    public const int DaysOfGrace = 10;

    /// <param name="stage">Of the claim.</param>
    /// <param name="submitted">The day it was handed over.</param>
    /// <param name="today">The day that is decided on.</param>
    /// <param name="daysToPay">Of its payer.</param>
    public static StatusDue Of(string? stage, DateOnly submitted, DateOnly today, int daysToPay) => stage switch
    {
        ClaimStage.Submitted or ClaimStage.Forwarded or ClaimStage.Accepted or ClaimStage.Pended when today > submitted.AddDays(daysToPay + DaysOfGrace) => StatusDue.NoAnswer,
        ClaimStage.Submitted or ClaimStage.Forwarded when BusinessDaysAfter(submitted, today) > BusinessDaysToAcknowledge => StatusDue.NoAcknowledgement,
        _ => StatusDue.None,
    };

    /// <summary>Mondays to Fridays after a day, up to and with another. Holidays differ from payer to payer and count as they come.</summary>
    public static int BusinessDaysAfter(DateOnly day, DateOnly until)
    {
        var count = 0;
        for (var d = day.AddDays(1); d <= until; d = d.AddDays(1))
        {
            if (d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                count++;
        }

        return count;
    }
}
