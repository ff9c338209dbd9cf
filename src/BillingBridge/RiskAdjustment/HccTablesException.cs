namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>The tables of a payment year are not all there, or not what they should be. The message says which file and which line.</summary>
public sealed class HccTablesException(string message) : Exception(message);
