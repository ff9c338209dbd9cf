using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>An accepted pattern, or why it was not.</summary>
public abstract record PatternResult
{
    private PatternResult()
    {
    }

    /// <summary>The rule that looks for it from now on.</summary>
    public sealed record Accepted(Basic Rule) : PatternResult;

    /// <summary>Nothing was changed, and why.</summary>
    public sealed record Refused(string Why) : PatternResult;
}
