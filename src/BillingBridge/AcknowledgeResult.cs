namespace FhirEmr.BillingBridge;

/// <summary>How letting a warning stand ended.</summary>
public abstract record AcknowledgeResult
{
    private AcknowledgeResult()
    {
    }

    /// <summary>So many warnings will be shown as let stand from now on.</summary>
    public sealed record Done(int Warnings) : AcknowledgeResult;

    public sealed record NoSuchClaim(string ClaimId) : AcknowledgeResult;

    /// <summary>The rule rejects, or has nothing to let stand, or no reason was given.</summary>
    public sealed record Refused(string Why) : AcknowledgeResult;
}
