using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Where a claim goes after it was scrubbed again; pure.</summary>
internal abstract record ClaimRescrub
{
    private ClaimRescrub()
    {
    }

    /// <summary>The claim as it will be and one Provenance for every step of the way; none when the stage stays.</summary>
    public sealed record Decided(Claim Claim, IReadOnlyList<Provenance> Provenances) : ClaimRescrub;

    /// <summary>The claim is past scrubbing.</summary>
    public sealed record Refused(OperationOutcome Outcome) : ClaimRescrub;

    public static ClaimRescrub Decide(Claim claim, IReadOnlyList<ScrubFinding> findings, ResourceReference who, DateTimeOffset now)
    {
        var target = Scrubber.Holds(findings) ? ClaimStage.ScrubFailed : ClaimStage.Ready;
        var walk = new StageWalk(claim, who, now);
        foreach (var step in Steps(claim.Stage(), target))
        {
            if (walk.MoveTo(step, Why(findings)) is { } refusal)
                return new Refused(refusal);
        }

        return new Decided(walk.Current, walk.Provenances);
    }

    /// <summary>The reason written in Provenance.</summary>
    public static string Why(IReadOnlyList<ScrubFinding> findings)
    {
        var rejected = findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId).Distinct().ToList();
        return rejected.Count == 0 ? "Scrubbed: no rejecting finding." : $"Scrubbed: held by {string.Join(", ", rejected)}.";
    }

    /// <summary>A claim leaves <c>scrub-failed</c>, <c>ready</c> and a rejection by way of <c>draft</c> (billing spec 1.3).</summary>
    private static IEnumerable<string> Steps(string? from, string to) => from switch
    {
        _ when from == to => [],
        ClaimStage.ScrubFailed or ClaimStage.Ready or ClaimStage.AckRejected or ClaimStage.PayerRejected => [ClaimStage.Draft, to],
        _ => [to],
    };
}
