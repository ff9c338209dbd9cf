namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>A line in the cube.</summary>
/// <param name="Units">In ten-thousandths.</param>
/// <param name="Short">Cents the payer allowed too little; -1 where that is not known.</param>
/// <param name="Work">Work RVUs in ten-thousandths.</param>
internal readonly record struct LineRow(long ChargeCents, long Units, long Short, int Work, int Code, short Number);
