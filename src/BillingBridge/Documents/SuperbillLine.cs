namespace FhirEmr.BillingBridge.Documents;

/// <summary>One service of a superbill.</summary>
internal sealed record SuperbillLine(DateOnly? Day, string Service, string Place, string Diagnoses, decimal Units, decimal ChargeUsd);
