namespace FhirEmr.BillingBridge.Kpis;

/// <summary>A ChargeItem.</summary>
public sealed record EnteredCharge(DateOnly? EnteredOn, long Cents);
