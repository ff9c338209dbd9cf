using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>How replacing or voiding a claim ended.</summary>
public abstract record SuccessorResult
{
    private SuccessorResult()
    {
    }

    /// <summary>Made: a draft to correct, or scrubbed and then ready or held by the findings.</summary>
    public sealed record Made(string ClaimId, string PatientControlNumber, string Stage, decimal TotalUsd, IReadOnlyList<ScrubFinding> Findings) : SuccessorResult;

    /// <summary>It was made before; nothing was changed.</summary>
    public sealed record Already(string ClaimId, string PatientControlNumber, string Stage) : SuccessorResult;

    public sealed record NoSuchClaim(string ClaimId) : SuccessorResult;

    /// <summary>It cannot be, and what to do instead.</summary>
    public sealed record Refused(string Why) : SuccessorResult;

    /// <summary>The server said no.</summary>
    public sealed record NotStored(OperationOutcome Outcome) : SuccessorResult;
}
