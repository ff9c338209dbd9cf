namespace FhirEmr.BillingBridge.Kpis;

/// <summary>How figures are split.</summary>
public enum KpiGrouping
{
    None,
    Payer,
    PayerClass,
    Provider,
    Location,
    Code,

    /// <summary>By the month of the day the definition goes by.</summary>
    Month,
}
