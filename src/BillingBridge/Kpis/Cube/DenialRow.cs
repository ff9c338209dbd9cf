namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>One reason of one denied line.</summary>
/// <param name="Closed">Day number; 0 while open.</param>
/// <param name="IsFirst">The line's first reason: lines are counted once.</param>
internal readonly record struct DenialRow(
    long ChargeCents, long PaidLaterCents, int Closed, int Category, int Reason, int RootCause, short Number, bool IsFirst, bool IsAppealed, bool IsAuthorisation);
