namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Why a line was denied.</summary>
/// <param name="RootCause">The scrub rule that would have caught it; <c>none</c> when none would.</param>
internal sealed record DenialCause(string Group, string Carc, string Category, string RootCause, long Cents);
