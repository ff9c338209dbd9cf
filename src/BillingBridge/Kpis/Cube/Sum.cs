namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>Numerator and denominator as whole numbers: cents, ten-thousandths of an RVU, days or records.</summary>
internal struct Sum
{
    public long Numerator;
    public long Denominator;
}
