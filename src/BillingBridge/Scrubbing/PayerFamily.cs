namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Families of payers that share defaults.</summary>
public enum PayerFamily
{
    Commercial,
    Medicare,
    Medicaid,
    BlueCross,
    Tricare,
    WorkersCompensation,
    Auto,
}
