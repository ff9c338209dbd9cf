namespace FhirEmr.BillingBridge.Kpis;

/// <summary>A scheduled visit, from its Appointment.</summary>
/// <param name="IsScheduled">Booked and neither cancelled nor entered in error: somebody was expected.</param>
public sealed record VisitFacts(string Id, DateOnly Day, bool IsScheduled, bool IsNoShow, string? Patient, string? Provider, string? Location);
