namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One line of a claim as it was billed.</summary>
/// <param name="Number">Claim.item.sequence.</param>
/// <param name="Place">Place of service code; null when the line has none.</param>
public sealed record LineFacts(int Number, string Code, IReadOnlyList<string> Modifiers, decimal Units, long ChargeCents, DateOnly? Day, string? Place);
