namespace FhirEmr.BillingBridge.Charges;

/// <summary>One usable coding: canonical system, trimmed code.</summary>
internal sealed record CodedValue(string System, string Code, string? Display);
