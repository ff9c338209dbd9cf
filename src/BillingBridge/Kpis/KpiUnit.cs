namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What a number of a figure is.</summary>
public enum KpiUnit
{
    Count,
    Usd,
    Days,

    /// <summary>Work RVUs.</summary>
    Rvu,

    /// <summary>One number over another of its kind; 0.94 is 94 %.</summary>
    Rate,

    UsdPerRvu,
}
