namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One line that a payer's first adjudication denied.</summary>
/// <param name="Number">Claim.item.sequence; 0 is the whole claim.</param>
/// <param name="ChargeCents">The line's charge.</param>
/// <param name="Reasons">Each denial-class CAS of it.</param>
/// <param name="ClosedOn">The day it was paid after all, or given up; null while it is open.</param>
/// <param name="PaidLaterCents">What it was paid later; 0 when it was not.</param>
/// <param name="IsAppealed">An appeal lay between.</param>
internal sealed record DeniedLine(
    int Number, long ChargeCents, DateOnly DeniedOn, IReadOnlyList<DenialCause> Reasons, DateOnly? ClosedOn, long PaidLaterCents, bool IsAppealed);
