namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Money posted to a claim.</summary>
/// <param name="Day">Day number of the posting date.</param>
/// <param name="Line">Claim.item.sequence; 0 when it belongs to the claim as a whole.</param>
internal readonly record struct Posting(long Cents, int Day, short Line, Measure Measure);
