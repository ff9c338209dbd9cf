namespace FhirEmr.BillingBridge.Claims;

/// <summary>Where a claim stands. <c>Claim.status</c> has four values only; this is the finer truth kept in an extension.</summary>
public static class ClaimStage
{
    public const string Draft = "draft";
    public const string ScrubFailed = "scrub-failed";
    public const string Ready = "ready";
    public const string Queued = "queued";
    public const string Submitted = "submitted";
    public const string AckRejected = "ack-rejected";
    public const string Forwarded = "forwarded";
    public const string PayerRejected = "payer-rejected";
    public const string Accepted = "accepted";
    public const string Pended = "pended";
    public const string Paid = "paid";
    public const string PartiallyDenied = "partially-denied";
    public const string Denied = "denied";
    public const string Reversed = "reversed";
    public const string Appealed = "appealed";
    public const string SecondaryDue = "secondary-due";
    public const string PatientBalance = "patient-balance";
    public const string Closed = "closed";
    public const string Replaced = "replaced";
    public const string Voided = "voided";
    public const string WrittenOff = "written-off";

    /// <summary>Stages of a claim that no payer has: it was not sent, or was sent back before anybody decided it.</summary>
    internal static bool IsWithUs(string? stage) => stage is Draft or ScrubFailed or Ready or AckRejected or PayerRejected;
}
