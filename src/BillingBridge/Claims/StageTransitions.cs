using System.Collections.Frozen;
using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>The one table of allowed stage changes (billing spec 1.3) and what each writes.</summary>
/// <remarks>
/// Among the stages at the payer the table only leads onward, submitted, forwarded, accepted, pended, adjudicated: an answer that comes
/// late is a change it does not have. A payer may take money back whatever we did with it since (docs/adr/0013).
/// A claim may be replaced or voided for as long as the payer's answer stands: that its copay was billed, or the next payer asked, does not
/// settle what the payer was told. A payer often takes the first payment back before it says that it took the replacement, so this leads
/// from <c>reversed</c>, too.
/// <c>closed</c> needs the ledger: a claim is closed when nobody owes or holds a cent of it, whoever brought the last one. A patient's payment
/// that is taken back opens it again as <c>patient-balance</c>. What no payer is asked for goes from <c>ready</c> to the patient.
/// </remarks>
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
        [ClaimStage.Ready] = [ClaimStage.Queued, ClaimStage.Draft, ClaimStage.PatientBalance],
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
        [ClaimStage.Reversed] = [.. Adjudicated, ClaimStage.Replaced, ClaimStage.Voided],
        [ClaimStage.Appealed] = [.. Adjudicated, ClaimStage.Reversed, ClaimStage.WrittenOff],
        [ClaimStage.SecondaryDue] = [ClaimStage.PatientBalance, ClaimStage.Reversed, ClaimStage.Closed, ClaimStage.Replaced, ClaimStage.Voided],
        [ClaimStage.PatientBalance] = [ClaimStage.Reversed, ClaimStage.Closed, ClaimStage.WrittenOff, ClaimStage.Replaced, ClaimStage.Voided],
        [ClaimStage.Closed] = [ClaimStage.Reversed, ClaimStage.PatientBalance, ClaimStage.Replaced, ClaimStage.Voided],
        [ClaimStage.WrittenOff] = [ClaimStage.Reversed, ClaimStage.PatientBalance],
    }.ToFrozenDictionary();

    public static bool IsAllowed(string from, string to) => Allowed.TryGetValue(from, out var targets) && targets.Contains(to);

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
    /// <param name="step">Which change of this version of the claim it is, from 0; see <see cref="StageWalk"/>.</param>
    public static StageChange Move(Claim claim, string to, string why, ResourceReference who, DateTimeOffset when, string? target = null, int step = 0)
    {
        var from = claim.Stage();
        if (from is null || !(IsAllowed(from, to) || IsInsuredAfterAll(claim, from, to)))
            return new StageChange.Refused(Refusal(from, to));

        var moved = (Claim)claim.DeepCopy();
        moved.SetStage(to);
        return new StageChange.Moved(moved, Record(claim, from, to, why, who, when, target ?? $"Claim/{claim.Id}", step));
    }

    private static Provenance Record(Claim claim, string from, string to, string why, ResourceReference who, DateTimeOffset when, string target, int step)
    {
        var change = new CodeableConcept(BillingUrls.StageTransition, $"{from}-{to}") { Text = $"{from} → {to}" };
        var provenance = new Provenance
        {
            // A made-up id from claim, version and step: writing the same change twice writes the same resource.
            Id = BillingKey.Uuid(string.Create(CultureInfo.InvariantCulture, $"provenance|{claim.Id ?? claim.CreationKey()}|{claim.Meta?.VersionId ?? "0"}|{step}|{to}")),
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

    /// <summary>
    /// A claim that no payer was asked for goes back to a draft when insurance turns up. Not in the table, which knows no claims: one that a payer has answered
    /// never goes back, and nobody takes this way by writing a stage.
    /// </summary>
    private static bool IsInsuredAfterAll(Claim claim, string from, string to) =>
        to == ClaimStage.Draft && from is ClaimStage.PatientBalance or ClaimStage.Closed or ClaimStage.WrittenOff && claim.IsSelfPay();

    /// <summary>Why a change is refused, with the changes there are.</summary>
    public static string WhyNot(string? from, string to)
    {
        var choices = from is not null && Allowed.TryGetValue(from, out var targets) ? string.Join(", ", targets) : "nothing";
        return $"A claim in stage '{from ?? "none"}' cannot become '{to}'; from here it can become: {choices}.";
    }

    private static OperationOutcome Refusal(string? from, string to)
    {
        return new OperationOutcome
        {
            Issue =
            [
                new OperationOutcome.IssueComponent
                {
                    Severity = OperationOutcome.IssueSeverity.Error,
                    Code = OperationOutcome.IssueType.BusinessRule,
                    Details = new CodeableConcept { Text = WhyNot(from, to) },
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
