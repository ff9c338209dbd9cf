using System.Diagnostics;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Answered claim → claim to the next payer, scrubbed; the answered one moves on. Gathers, decides, commits once.</summary>
/// <remarks>
/// Billing spec 1.1 and 1.5. The claim made, its Provenance and the step of the claim before it are one transaction, and the new claim
/// has a key of its own: after a crash, or beside another worker, there is one claim to each payer.
/// </remarks>
public sealed class SecondaryClaimPipeline(IFhirRecords records, ClaimPipeline claims, BillingSetup setup, TimeProvider clock)
{
    private const int Attempts = 5;
    private const string TaskCode = "secondary-claim";

    private static readonly string[] Billable = [ClaimStage.SecondaryDue, ClaimStage.Paid, ClaimStage.PartiallyDenied, ClaimStage.Denied, ClaimStage.PatientBalance];
    private static readonly string[] Changeable = [ClaimStage.Draft, ClaimStage.ScrubFailed, ClaimStage.Ready, ClaimStage.AckRejected, ClaimStage.PayerRejected];

    /// <summary>Bills the next payer of every claim in stage <c>secondary-due</c>.</summary>
    public async Task<IReadOnlyList<NextClaimResult>> RunAsync(CancellationToken ct)
    {
        var results = new List<NextClaimResult>();
        foreach (var claim in await records.SearchAsync<Claim>($"claim-stage={ClaimStage.SecondaryDue}", ct).ToListAsync(ct))
        {
            if (claim.Stage() != ClaimStage.SecondaryDue)
                continue; // a server that does not know the parameter returns every claim
            var result = await BillNextAsync(claim.Id!, BillingAgent.Reference, ct);
            if (result is NextClaimResult.Refused refused)
                await AskAPersonAsync(claim, refused.Why, ct);
            results.Add(result);
        }

        return results;
    }

    /// <summary>Bills the next payer of one claim: for a person, also of one that was paid, denied, or left to the patient.</summary>
    public async Task<NextClaimResult> BillNextAsync(string claimId, ResourceReference who, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
                return new NextClaimResult.NoSuchClaim(claimId);
            var (result, transaction) = await DecideAsync(claim, who, ct);
            if (transaction is null)
                return result;
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed committed:
                    return result is NextClaimResult.Made { ClaimId.Length: 0 } made ? made with { ClaimId = IdIn(committed.Response) } : result;
                case CommitOutcome.Refused refused:
                    return new NextClaimResult.NotStored(refused.Outcome);
                default:
                    break; // somebody changed one of the two claims: look again
            }
        }

        throw new TimeoutException($"The next payer of Claim/{claimId} could not be billed: other changes to it kept getting in between. Repeat it.");
    }

    /// <summary>What comes of it, and the transaction that makes it so; null when nothing changes.</summary>
    private async Task<(NextClaimResult Result, FhirTransaction? Transaction)> DecideAsync(Claim claim, ResourceReference who, CancellationToken ct)
    {
        if (await ExistingAfterAsync(claim, ct) is { } done && claim.Stage() == ClaimStage.Closed)
            return (new NextClaimResult.Already(done.Id!, done.PatientControlNumber() ?? "", done.Stage() ?? ""), null);
        if (!Billable.Contains(claim.Stage()))
            return (new NextClaimResult.Refused($"Claim/{claim.Id} is {claim.Stage() ?? "none of ours"}: the next payer is billed when this one has answered ({string.Join(", ", Billable)})."), null);
        if (PayerAnswers.InForce(await records.SearchAsync<ClaimResponse>($"request=Claim/{claim.Id}", ct).ToListAsync(ct)) is not { } answer)
            return (new NextClaimResult.Refused($"Claim/{claim.Id} has no answer in force (ClaimResponse): what its payer paid is not known. Post the remittance first."), null);
        if (answer.IsForwarded())
            return NotDue(claim, who, "Its payer sent the claim on itself: wait for the next payer's answer.");
        if (ClaimKey.EncounterId(claim) is not { } encounter || await records.ReadChartAsync(encounter, ct) is not { } chart)
            return (new NextClaimResult.Refused($"Claim/{claim.Id} names no encounter that is known here, so the rules cannot look at a claim made from it. Bill the next payer by hand."), null);
        if (NextClaim.CoverageAfter(claim, chart) is not { } coverage)
            return NotDue(claim, who, "No other coverage of the patient is in force on the day of service.");

        var (existing, version) = await NextClaim.FindAsync(records, claim, coverage, ct);
        var next = NextClaim.Build(claim, answer, chart, existing is null ? version : version - 1, Today())!;
        if (existing is null)
            return await MakeAsync(claim, next, chart, who, ct);
        var told = existing.Insurance.Find(i => i.Sequence == next.FocalInsurance()!.Sequence - 1)?.ClaimResponse?.Reference;
        if (told == $"ClaimResponse/{answer.Id}")
            return Known(claim, existing, who, new FhirTransaction());
        return Changeable.Contains(existing.Stage()) ? await RenewAsync(claim, existing, next, chart, who, ct) : Outdated(claim, existing, answer, who);
    }

    private async Task<(NextClaimResult, FhirTransaction?)> MakeAsync(Claim claim, Claim next, EncounterChart chart, ResourceReference who, CancellationToken ct)
    {
        var findings = await claims.CheckAsync(next, ct) ?? [];
        var key = next.CreationKey()!;
        var urn = BillingKey.Urn(key);
        var stage = Scrubber.Holds(findings) ? ClaimStage.ScrubFailed : ClaimStage.Ready;
        if (StageTransitions.Move(next, stage, $"Made of Claim/{claim.Id} for the next payer. {ClaimRescrub.Why(findings)}", who, clock.GetUtcNow(), urn) is not StageChange.Moved moved)
            throw new UnreachableException($"A new claim could not become {stage}.");
        var transaction = new FhirTransaction();
        transaction.CreateOnce(moved.Claim, key);
        transaction.Put(moved.Provenance);
        if (stage == ClaimStage.ScrubFailed)
            transaction.Add(FixScrubTask.Of(next, urn, chart, setup.Payers, findings, "0"), clock.GetUtcNow());
        if (MoveOn(claim, ClaimStage.Closed, $"What is left is billed to the next payer, control number {next.PatientControlNumber()}", who, transaction) is { } refusal)
            return (new NextClaimResult.NotStored(refusal), null);
        return (new NextClaimResult.Made("", next.PatientControlNumber()!, stage, next.Total?.Value ?? 0m, findings), transaction);
    }

    /// <summary>The claim to the next payer is still with us: it takes over what the earlier payer says now.</summary>
    private async Task<(NextClaimResult, FhirTransaction?)> RenewAsync(Claim claim, Claim existing, Claim next, EncounterChart chart, ResourceReference who, CancellationToken ct)
    {
        var renewed = (Claim)existing.DeepCopy();
        (renewed.Insurance, renewed.Related, renewed.Item, renewed.Diagnosis, renewed.Total) = (next.Insurance, next.Related, next.Item, next.Diagnosis, next.Total);
        renewed.Pin(chart);
        var findings = await claims.CheckAsync(renewed, ct) ?? [];
        if (ClaimRescrub.Decide(renewed, findings, who, clock.GetUtcNow()) is not ClaimRescrub.Decided decided)
            throw new UnreachableException($"Claim/{existing.Id} in stage {existing.Stage()} could not be scrubbed again.");
        var transaction = new FhirTransaction();
        transaction.Update(decided.Claim);
        foreach (var provenance in decided.Provenances)
            transaction.Put(provenance);
        if (decided.Claim.Stage() == ClaimStage.ScrubFailed)
            transaction.Add(FixScrubTask.Of(decided.Claim, $"Claim/{existing.Id}", chart, setup.Payers, findings, existing.Meta?.VersionId ?? "0"), clock.GetUtcNow());
        if (MoveOn(claim, ClaimStage.Closed, $"The claim to the next payer, control number {existing.PatientControlNumber()}, says now what this payer says", who, transaction) is { } refusal)
            return (new NextClaimResult.NotStored(refusal), null);
        return (new NextClaimResult.Made(existing.Id!, existing.PatientControlNumber() ?? "", decided.Claim.Stage()!, decided.Claim.Total?.Value ?? 0m, findings), transaction);
    }

    /// <summary>The claim to the next payer is out with an answer that no longer holds: a person decides when to replace it.</summary>
    private (NextClaimResult, FhirTransaction?) Outdated(Claim claim, Claim existing, ClaimResponse answer, ResourceReference who)
    {
        var transaction = new FhirTransaction();
        transaction.Add(
            new WorklistTask
            {
                Code = TaskCode,
                Key = BillingKey.Of(TaskCode, existing.Id, answer.Id),
                Focus = $"Claim/{existing.Id}",
                Patient = claim.Patient?.Reference,
                Reason = $"ClaimResponse/{answer.Id}",
                Group = "billers",
                Description = $"The earlier payer changed its answer after this claim went out. Replace the claim ($replace) when its payer has answered; Claim/{claim.Id} has the amounts.",
                ValueAtStakeUsd = existing.Total?.Value ?? 0m,
            },
            clock.GetUtcNow());
        return Known(claim, existing, who, transaction);
    }

    private (NextClaimResult, FhirTransaction?) Known(Claim claim, Claim existing, ResourceReference who, FhirTransaction transaction)
    {
        var why = $"The next payer has its claim, control number {existing.PatientControlNumber()}";
        return MoveOn(claim, ClaimStage.Closed, why, who, transaction) is { } refusal
            ? (new NextClaimResult.NotStored(refusal), null)
            : (new NextClaimResult.Already(existing.Id!, existing.PatientControlNumber() ?? "", existing.Stage() ?? ""), transaction);
    }

    /// <summary>A claim that waits for a next payer goes on to the patient; any other stays where it is.</summary>
    private (NextClaimResult, FhirTransaction?) NotDue(Claim claim, ResourceReference who, string why)
    {
        var transaction = new FhirTransaction();
        var isWaiting = claim.Stage() == ClaimStage.SecondaryDue && MoveOn(claim, ClaimStage.PatientBalance, why, who, transaction) is null;
        return (new NextClaimResult.NotDue(why), isWaiting ? transaction : null);
    }

    private OperationOutcome? MoveOn(Claim claim, string stage, string why, ResourceReference who, FhirTransaction transaction)
    {
        var walk = new StageWalk(claim, who, clock.GetUtcNow());
        // To be closed for the next payer's sake is to have been due for it (billing spec 1.3).
        if (claim.Stage() is ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied)
            walk.MoveTo(ClaimStage.SecondaryDue, why);
        if (walk.MoveTo(stage, why) is { } refusal)
            return refusal;
        transaction.Write(walk);
        return null;
    }

    private async Task<Claim?> ExistingAfterAsync(Claim claim, CancellationToken ct)
    {
        if (claim.Stage() != ClaimStage.Closed || ClaimKey.EncounterId(claim) is not { } encounter || await records.ReadChartAsync(encounter, ct) is not { } chart
            || NextClaim.CoverageAfter(claim, chart) is not { } coverage)
            return null;
        return (await NextClaim.FindAsync(records, claim, coverage, ct)).Claim;
    }

    private async Task AskAPersonAsync(Claim claim, string why, CancellationToken ct)
    {
        var key = BillingKey.Of(TaskCode, claim.Id, claim.Meta?.VersionId);
        await foreach (var _ in records.SearchAsync<FhirTask>(BillingKey.Query(key), ct))
            return;
        var transaction = new FhirTransaction();
        var task = new WorklistTask
        {
            Code = TaskCode,
            Key = key,
            Focus = $"Claim/{claim.Id}",
            Patient = claim.Patient?.Reference,
            Group = "billers",
            Description = why,
            ValueAtStakeUsd = claim.Total?.Value ?? 0m,
        };
        transaction.Add(task, clock.GetUtcNow());
        await records.CommitAsync(transaction.Bundle, ct);
    }

    private static string IdIn(Bundle response) => response.Entry is [{ Response.Location: { } location }, ..] ? FhirReferences.IdOf(location, "Claim") ?? "" : "";

    private DateOnly Today() => setup.Today(clock);
}
