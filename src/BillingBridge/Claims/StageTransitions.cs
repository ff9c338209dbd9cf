using System.Collections.Frozen;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The one table of allowed stage changes (billing spec 1.3) and what each writes.</summary>
public static class StageTransitions
{
    private static readonly string[] Adjudicated = [ClaimStage.Paid, ClaimStage.PartiallyDenied, ClaimStage.Denied];

    private static readonly string[] AfterAdjudication =
    [
        ClaimStage.Reversed, ClaimStage.Appealed, ClaimStage.SecondaryDue, ClaimStage.PatientBalance, ClaimStage.Closed,
        ClaimStage.Replaced, ClaimStage.Voided, ClaimStage.WrittenOff,
    ];

    private static readonly FrozenDictionary<string, string[]> Allowed = new Dictionary<string, string[]>
    {
        [ClaimStage.Draft] = [ClaimStage.Ready, ClaimStage.ScrubFailed],
        [ClaimStage.ScrubFailed] = [ClaimStage.Draft],
        [ClaimStage.Ready] = [ClaimStage.Queued, ClaimStage.Draft],
        [ClaimStage.Queued] = [ClaimStage.Submitted, ClaimStage.Ready],
        [ClaimStage.Submitted] =
            [ClaimStage.Forwarded, ClaimStage.AckRejected, ClaimStage.Accepted, ClaimStage.PayerRejected, ClaimStage.Pended, .. Adjudicated],
        [ClaimStage.AckRejected] = [ClaimStage.Draft],
        [ClaimStage.Forwarded] = [ClaimStage.Accepted, ClaimStage.PayerRejected, ClaimStage.Pended, .. Adjudicated],
        [ClaimStage.PayerRejected] = [ClaimStage.Draft],
        [ClaimStage.Accepted] = [ClaimStage.Pended, .. Adjudicated],
        [ClaimStage.Pended] = [ClaimStage.Pended, .. Adjudicated],
        [ClaimStage.Paid] = AfterAdjudication,
        [ClaimStage.PartiallyDenied] = AfterAdjudication,
        [ClaimStage.Denied] = AfterAdjudication,
        [ClaimStage.Reversed] = [.. Adjudicated, ClaimStage.Voided],
        [ClaimStage.Appealed] = [.. Adjudicated, ClaimStage.WrittenOff],
        [ClaimStage.SecondaryDue] = [ClaimStage.PatientBalance, ClaimStage.Closed],
        [ClaimStage.PatientBalance] = [ClaimStage.Closed, ClaimStage.WrittenOff],
    }.ToFrozenDictionary();

    public static bool IsAllowed(string from, string to) => Allowed.TryGetValue(from, out var targets) && targets.Contains(to);

    /// <summary>
    /// Progress through the payer: submitted 1, forwarded 2, accepted 3, pended 4, adjudicated 5; 0 before sending and for every
    /// stage after. A late 999 or 277CA is applied only when it has the higher rank.
    /// </summary>
    public static int Rank(string stage) => stage switch
    {
        ClaimStage.Submitted => 1,
        ClaimStage.Forwarded => 2,
        ClaimStage.Accepted => 3,
        ClaimStage.Pended => 4,
        ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied => 5,
        _ => 0,
    };

    /// <summary>The <c>Claim.status</c> that goes with a stage.</summary>
    public static FinancialResourceStatusCodes StatusOf(string stage) => stage switch
    {
        ClaimStage.Draft or ClaimStage.ScrubFailed or ClaimStage.Ready => FinancialResourceStatusCodes.Draft,
        ClaimStage.Replaced or ClaimStage.Voided => FinancialResourceStatusCodes.Cancelled,
        _ => FinancialResourceStatusCodes.Active,
    };

    /// <summary>The claim after the change and the Provenance that records it; the claim given in is not touched.</summary>
    /// <param name="claim">A claim with its stage.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="why">Reason in words, for <c>Provenance.reason</c>.</param>
    /// <param name="who">A person or our own device; <c>Provenance.agent.who</c>.</param>
    /// <param name="when">Moment of the decision.</param>
    /// <param name="target">Reference the Provenance points at; the claim's own when null.</param>
    public static StageChange Move(Claim claim, string to, string why, ResourceReference who, DateTimeOffset when, string? target = null)
    {
        var from = claim.Stage();
        if (from is null || !IsAllowed(from, to))
            return new StageChange.Refused(Refusal(from, to));

        var moved = (Claim)claim.DeepCopy();
        moved.SetStage(to);
        return new StageChange.Moved(moved, Record(claim, from, to, why, who, when, target ?? $"Claim/{claim.Id}"));
    }

    private static Provenance Record(Claim claim, string from, string to, string why, ResourceReference who, DateTimeOffset when, string target)
    {
        var change = new CodeableConcept(BillingUrls.StageTransition, $"{from}-{to}") { Text = $"{from} → {to}" };
        var provenance = new Provenance
        {
            // A made-up id from claim, version and change: writing the same transition twice writes the same resource.
            Id = ClaimKeys.Uuid($"provenance|{claim.BillingKey() ?? claim.Id}|{claim.Meta?.VersionId ?? "0"}|{from}|{to}"),
            Target = [new ResourceReference(target)],
            Recorded = when,
            Activity = change,
            Reason = [new CodeableConcept { Text = why }],
            Agent = [new Provenance.AgentComponent { Who = who }],
        };
        provenance.AddExtension(BillingUrls.StageTransition + "-from", new Code(from));
        provenance.AddExtension(BillingUrls.StageTransition + "-to", new Code(to));
        return provenance;
    }

    private static OperationOutcome Refusal(string? from, string to)
    {
        var choices = from is not null && Allowed.TryGetValue(from, out var targets) ? string.Join(", ", targets) : "nothing";
        return new OperationOutcome
        {
            Issue =
            [
                new OperationOutcome.IssueComponent
                {
                    Severity = OperationOutcome.IssueSeverity.Error,
                    Code = OperationOutcome.IssueType.BusinessRule,
                    Details = new CodeableConcept { Text = $"A claim in stage '{from ?? "none"}' cannot become '{to}'; from here it can become: {choices}." },
                    Expression = [$"Claim.extension('{BillingUrls.StageExtension}')"],
                },
            ],
        };
    }
}

/// <summary>A stage change, or why it is refused.</summary>
public abstract record StageChange
{
    private StageChange()
    {
    }

    /// <summary>Commit both in one transaction, the claim with ifMatch.</summary>
    public sealed record Moved(Claim Claim, Provenance Provenance) : StageChange;

    /// <summary>The table does not have this change.</summary>
    public sealed record Refused(OperationOutcome Outcome) : StageChange;
}
