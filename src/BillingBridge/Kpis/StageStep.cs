namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One stage change of a claim, from its Provenance.</summary>
/// <param name="Id">Id of the Provenance: the same change is counted once.</param>
/// <param name="On">The day in the practice's zone.</param>
public sealed record StageStep(string Id, DateTimeOffset At, DateOnly On, string From, string To);
