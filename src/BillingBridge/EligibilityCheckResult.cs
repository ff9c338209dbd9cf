using FhirEmr.BillingBridge.Interchange;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>How asking about a coverage ended.</summary>
public abstract record EligibilityCheckResult
{
    private EligibilityCheckResult()
    {
    }

    /// <summary>The payer has answered, now or within the last day.</summary>
    /// <param name="Age">Since the answer came.</param>
    /// <param name="IsKept">An earlier answer to the same question.</param>
    public sealed record Answered(CoverageEligibilityResponse Response, TimeSpan Age, bool IsKept) : EligibilityCheckResult;

    /// <summary>The question waits in the outbox, or the answer is not there yet.</summary>
    /// <param name="Request">What is asked.</param>
    /// <param name="Why">In a sentence, with the next try where there is one.</param>
    /// <param name="TaskId">The work on the worklist until the answer comes.</param>
    /// <param name="Last">The last answer about the same coverage, however old; null when there never was one.</param>
    public sealed record Waiting(CoverageEligibilityRequest Request, string Why, string? TaskId, CoverageEligibilityResponse? Last) : EligibilityCheckResult;

    /// <summary>It cannot be asked like this.</summary>
    public sealed record NotAsked(IReadOnlyList<MappingProblem> Problems) : EligibilityCheckResult;

    /// <summary>No such request.</summary>
    public sealed record NoSuchRequest(string Id) : EligibilityCheckResult;

    /// <summary>The FHIR server does not take the request.</summary>
    public sealed record Refused(OperationOutcome Outcome) : EligibilityCheckResult;
}
