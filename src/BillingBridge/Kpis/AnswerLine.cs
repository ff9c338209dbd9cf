namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What a payer said to one line.</summary>
/// <param name="Number">Claim.item.sequence; 0 is the claim as a whole, -1 a line the payer added.</param>
public sealed record AnswerLine(int Number, long ChargeCents, long AllowedCents, long PaidCents, IReadOnlyList<string> Remarks, IReadOnlyList<AnswerAdjustment> Adjustments);
