namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One CAS triple.</summary>
public sealed record AnswerAdjustment(string Group, string Carc, long Cents);
