using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>How billing the next payer ended.</summary>
public abstract record NextClaimResult
{
    private NextClaimResult()
    {
    }

    /// <summary>Made, or brought up to what the earlier payer says now; ready, or held by the findings.</summary>
    public sealed record Made(string ClaimId, string PatientControlNumber, string Stage, decimal TotalUsd, IReadOnlyList<ScrubFinding> Findings) : NextClaimResult;

    /// <summary>The next payer has its claim; it was not touched.</summary>
    public sealed record Already(string ClaimId, string PatientControlNumber, string Stage) : NextClaimResult;

    /// <summary>No claim is due: no coverage comes next, or the payer sent the claim on itself. A claim that waited for it went on to the patient.</summary>
    public sealed record NotDue(string Why) : NextClaimResult;

    public sealed record NoSuchClaim(string ClaimId) : NextClaimResult;

    /// <summary>A person has to look.</summary>
    public sealed record Refused(string Why) : NextClaimResult;

    /// <summary>The server or the stage table said no.</summary>
    public sealed record NotStored(OperationOutcome Outcome) : NextClaimResult;
}
