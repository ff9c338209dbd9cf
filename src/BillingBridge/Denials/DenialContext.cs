using FhirEmr.BillingBridge.Scrubbing;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>Payer of a claim and its rules.</summary>
/// <param name="Payer">The payer's row.</param>
/// <param name="PayerReference">Null when the claim names none.</param>
/// <param name="LastService">Last day of service; null when no line has one.</param>
internal sealed record DenialContext(PayerProfile Payer, string? PayerReference, string? PayerName, DateOnly? LastService);
