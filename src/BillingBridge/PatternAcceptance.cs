using FhirEmr.BillingBridge.Denials;

namespace FhirEmr.BillingBridge;

/// <summary>What a person says with an accepted pattern.</summary>
/// <param name="Pattern"><see cref="DenialPattern.Id"/>.</param>
/// <param name="Message">What the rule tells the biller; null drafts one.</param>
/// <param name="Rejects">Whether the rule holds the claim rather than warns.</param>
/// <param name="ReviewOn">When the rule is looked at again; null is a year from today.</param>
public sealed record PatternAcceptance(string Pattern, string? Message, bool Rejects, DateOnly? ReviewOn);
