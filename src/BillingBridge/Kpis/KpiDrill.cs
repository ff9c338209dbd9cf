namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Which records behind a figure are named.</summary>
public enum KpiDrill
{
    None,
    Numerator,
    Denominator,

    /// <summary>In the denominator and not in the numerator: the claims to look at when a rate should be high.</summary>
    Rest,
}
