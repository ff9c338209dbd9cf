using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>How billing an encounter, or scrubbing a claim again, ended.</summary>
public abstract record ClaimResult
{
    private ClaimResult()
    {
    }

    /// <summary>One result, or several together.</summary>
    internal static ClaimResult Of(IReadOnlyList<ClaimResult> results) => results is [var only] ? only : new Several(results);

    /// <summary>A claim for each first payer of the visit.</summary>
    public sealed record Several(IReadOnlyList<ClaimResult> Claims) : ClaimResult;

    /// <summary>Stored with stage <c>ready</c>; warnings may remain.</summary>
    public sealed record Ready(string ClaimId, string PatientControlNumber, decimal TotalUsd, IReadOnlyList<ScrubFinding> Findings) : ClaimResult;

    /// <summary>Stored with stage <c>scrub-failed</c> and a fix-scrub Task.</summary>
    public sealed record Held(string ClaimId, string PatientControlNumber, decimal TotalUsd, IReadOnlyList<ScrubFinding> Findings) : ClaimResult;

    /// <summary>The encounter has its claim; nothing was changed.</summary>
    public sealed record AlreadyBilled(string ClaimId, string PatientControlNumber, string Stage) : ClaimResult;

    public sealed record NoSuchEncounter(string EncounterId) : ClaimResult;

    public sealed record NoSuchClaim(string ClaimId) : ClaimResult;

    /// <summary>Only a finished encounter is billed.</summary>
    public sealed record NotFinished(string EncounterId, string Status) : ClaimResult;

    /// <summary>No line came out of the chart; the findings name the codes that have no mapping.</summary>
    public sealed record NothingBillable(string EncounterId, IReadOnlyList<ScrubFinding> Findings) : ClaimResult;

    /// <summary>The stage table or the server said no.</summary>
    public sealed record Refused(OperationOutcome Outcome) : ClaimResult;
}
