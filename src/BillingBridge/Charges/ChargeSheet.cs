namespace FhirEmr.BillingBridge.Charges;

/// <summary>An encounter's charges: the lines, the diagnoses in claim order, and what could not be coded.</summary>
public sealed record ChargeSheet(
    IReadOnlyList<ChargeLine> Lines, IReadOnlyList<ChargeDiagnosis> Diagnoses, IReadOnlyList<CodingGap> Gaps)
{
    /// <summary>Σ of the line charges.</summary>
    public decimal TotalUsd => Lines.Sum(l => l.NetUsd);
}
