namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A dated decision about one rule for one payer.</summary>
/// <param name="Severity">The severity to use instead; null switches the rule off.</param>
public sealed record RuleOverride(string RuleId, FindingSeverity? Severity, DateOnly? From = null, DateOnly? To = null)
{
    public bool IsInForce(DateOnly day) => (From is not { } from || from <= day) && (To is not { } to || day <= to);
}
