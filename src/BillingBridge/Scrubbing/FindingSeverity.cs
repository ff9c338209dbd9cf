namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What a finding does to the claim.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing: a rule could not be evaluated.</summary>
    Information,

    /// <summary>W: the claim may go; a person should look.</summary>
    Warn,

    /// <summary>R: the claim is held.</summary>
    Reject,
}
