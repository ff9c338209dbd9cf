using System.Diagnostics;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Answered claim → the claim that replaces or voids it; the first is replaced or voided when the payer takes the second.</summary>
/// <remarks>
/// Billing spec 1.6. A void that the payer has taken, with its money back, has nothing more to come and is closed. While it is under way there is a Task <c>replacement</c> on the new claim: people see it, and
/// <see cref="SettleAsync"/> finds it again after any crash.
/// </remarks>
public sealed class ReplacementPipeline(IFhirRecords records, ClaimPipeline claims, BillingSetup setup, TimeProvider clock)
{
    public const string TaskCode = "replacement";
    private const int Attempts = 5;

    private static readonly string[] Taken =
    [
        ClaimStage.Accepted, ClaimStage.Pended, ClaimStage.Paid, ClaimStage.PartiallyDenied, ClaimStage.Denied, ClaimStage.SecondaryDue, ClaimStage.PatientBalance,
        ClaimStage.Closed,
    ];

    /// <summary>Replaces a claim at its payer (frequency 7).</summary>
    /// <param name="corrected">The whole claim as it should have been, scrubbed at once; null makes a draft that repeats the first, for a person to correct and scrub.</param>
    public Task<SuccessorResult> ReplaceAsync(string claimId, Claim? corrected, string reason, ResourceReference who, CancellationToken ct) =>
        MakeAsync(claimId, SuccessorClaim.Replacement, corrected, reason, who, ct);

    /// <summary>Voids a claim at its payer (frequency 8): the payer takes its payment back.</summary>
    public Task<SuccessorResult> VoidAsync(string claimId, string reason, ResourceReference who, CancellationToken ct) =>
        MakeAsync(claimId, SuccessorClaim.Void, null, reason, who, ct);

    /// <summary>Moves the claims whose replacement or void the payer has taken; returns their ids.</summary>
    public async Task<IReadOnlyList<string>> SettleAsync(CancellationToken ct)
    {
        var settled = new List<string>();
        foreach (var task in await records.SearchAsync<FhirTask>($"code={BillingUrls.TaskCode}|{TaskCode}&status=requested", ct).ToListAsync(ct))
        {
            if (FhirReferences.IdOf(task.Focus?.Reference, "Claim") is { } id && await SettleAsync(task, id, ct) is { } original)
                settled.Add(original);
        }

        return settled;
    }

    private async Task<string?> SettleAsync(FhirTask task, string successorId, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(successorId, ct) is not { } successor
            || FhirReferences.IdOf(SuccessorClaim.OriginalOf(successor), "Claim") is not { } originalId
            || await records.ReadAsync<Claim>(originalId, ct) is not { } original)
            return null;
        if (successor.Frequency() == SuccessorClaim.Void)
            return await SettleVoidAsync(task, successor, original, ct);
        if (!Taken.Contains(successor.Stage()))
            return null;
        var walk = new StageWalk(original, BillingAgent.Reference, clock.GetUtcNow());
        if (walk.MoveTo(ClaimStage.Replaced, $"The payer took the replacement, control number {successor.PatientControlNumber()}") is not null)
            return null; // an open appeal, or written off meanwhile: the Task stays for a person
        var transaction = new FhirTransaction();
        transaction.Write(walk);
        transaction.Update(Done(task));
        return await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Committed ? originalId : null; // else the next turn looks again
    }

    /// <summary>Ends the original when the payer takes the void, and the void itself when the payer has its money back, too; until then the Task stays open.</summary>
    private async Task<string?> SettleVoidAsync(FhirTask task, Claim successor, Claim original, CancellationToken ct)
    {
        var (now, isTaken) = (clock.GetUtcNow(), Taken.Contains(successor.Stage()));
        var (ended, closed) = (new StageWalk(original, BillingAgent.Reference, now), new StageWalk(successor, BillingAgent.Reference, now));
        // A payer that takes its payment back has done what an 8 asks for, whether or not it says that it has the 8.
        if (original.Stage() != ClaimStage.Voided && (isTaken || original.Stage() == ClaimStage.Reversed))
            ended.MoveTo(ClaimStage.Voided, $"The payer took the void, control number {successor.PatientControlNumber()}"); // refused of an open appeal: for a person
        if (isTaken && ended.Current.Stage() == ClaimStage.Voided && await HasMoneyBackAsync(original, ct))
        {
            const string Why = "The payer took the void and has its money back: nothing is left to pay";
            closed.TryAnswer(ClaimStage.Paid, Why); // the table closes what is adjudicated; an 835 may have said so already
            if (closed.Current.Stage() != ClaimStage.Closed)
                closed.MoveTo(ClaimStage.Closed, Why);
        }

        // The payer did by itself what the void would ask for: a void that is still here must not go out any more.
        var isNeedless = !isTaken && ended.Current.Stage() == ClaimStage.Voided && ClaimStage.IsWithUs(successor.Stage()) && await HasMoneyBackAsync(original, ct);
        if (isNeedless)
        {
            if (successor.Stage() != ClaimStage.Draft)
                closed.MoveTo(ClaimStage.Draft, "The payer took its payment back by itself: there is nothing to void");
            closed.Change(c => c.Status = FinancialResourceStatusCodes.EnteredInError);
        }

        var transaction = new FhirTransaction();
        if (ended.IsChanged)
            transaction.Write(ended);
        if (closed.IsChanged)
            transaction.Write(closed);
        if (isNeedless || closed.Current.Stage() == ClaimStage.Closed)
            transaction.Update(Done(task));
        return transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Committed && ended.IsChanged ? original.Id : null;
    }

    /// <summary>Whether its payer holds no less than before it paid the claim: by the journal; of a claim that is not in one, or whose money is another's, by the answers.</summary>
    private async Task<bool> HasMoneyBackAsync(Claim claim, CancellationToken ct)
    {
        if ((await LedgerClaim.OfAsync(records, claim, ct)).Id == claim.Id && await new Journal(records).OfClaimAsync(claim, ct) is { Count: > 0 } entries)
            return Balances.Of(entries).OfClaim($"Claim/{claim.Id}").PayerPaidUsd == 0m;
        return (await records.SearchAsync<ClaimResponse>($"request=Claim/{claim.Id}", ct).ToListAsync(ct)).Sum(r => r.Payment?.Amount?.Value ?? 0m) == 0m;
    }

    private FhirTask Done(FhirTask task)
    {
        var done = (FhirTask)task.DeepCopy();
        done.Status = FhirTask.TaskStatus.Completed;
        done.LastModifiedElement = new FhirDateTime(clock.GetUtcNow());
        return done;
    }

    private async Task<SuccessorResult> MakeAsync(string claimId, string frequency, Claim? corrected, string reason, ResourceReference who, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason))
            return new SuccessorResult.Refused("A reason is needed: say what is wrong with the claim as the payer has it.");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await records.ReadAsync<Claim>(claimId, ct) is not { } original)
                return new SuccessorResult.NoSuchClaim(claimId);
            var (result, transaction) = await DecideAsync(original, frequency, corrected, reason.Trim(), who, ct);
            if (transaction is null)
                return result;
            switch (await records.CommitAsync(transaction.Bundle, ct))
            {
                case CommitOutcome.Committed committed:
                    return ((SuccessorResult.Made)result) with { ClaimId = IdIn(committed.Response) };
                case CommitOutcome.Refused refused:
                    return new SuccessorResult.NotStored(refused.Outcome);
                default:
                    break;
            }
        }

        throw new TimeoutException($"Claim/{claimId} could not be replaced: other changes kept getting in between. Repeat it.");
    }

    private async Task<(SuccessorResult Result, FhirTransaction? Transaction)> DecideAsync(
        Claim original, string frequency, Claim? corrected, string reason, ResourceReference who, CancellationToken ct)
    {
        var key = ClaimKey.Of(original);
        await foreach (var known in records.SearchAsync<Claim>(BillingKey.Query((key with { Version = key.Version + 1 }).ToString()), ct))
            return (Known(known, frequency), null);
        if (StageRefusal(original) is { } why)
            return (new SuccessorResult.Refused(why), null);
        if (original.PayerControlNumber() is not { } icn)
            return (new SuccessorResult.Refused($"The payer's number of Claim/{original.Id} is not known, and a payer finds the claim to change by it. Bill the visit with a new original claim."), null);
        if (ClaimKey.EncounterId(original) is not { } encounter || await records.ReadChartAsync(encounter, ct) is not { } chart)
            return (new SuccessorResult.Refused($"Claim/{original.Id} names no encounter that is known here, so the rules cannot look at its replacement. Replace it where it was made."), null);

        var coverage = chart.Find<Coverage>(original.FocalInsurance()?.Coverage);
        var payor = chart.Find<Organization>(coverage?.Payor.FirstOrDefault());
        if (!setup.Payers.For(coverage, payor, DateOfService.From(original.BillablePeriod?.Start) ?? Today()).AcceptsReplacement)
            return (new SuccessorResult.Refused(TakesNone(payor?.Name ?? "The payer", frequency)), null);

        var claim = SuccessorClaim.Build(original, corrected, frequency, icn, Today());
        // Lines that another payer is asked for by now are left out; what is left of the diagnoses goes with them.
        if (frequency == SuccessorClaim.Replacement && corrected is null && VisitSplit.Moved(chart, original) is { Count: > 0 } moved && moved.Count < original.Item.Count)
            ClaimLines.Remove(claim, [.. moved.Select(l => original.Item.IndexOf(l))]);
        claim.Pin(chart);
        var findings = frequency == SuccessorClaim.Replacement && corrected is null ? null : await claims.CheckAsync(claim, ct);
        return (Result(claim, findings), Transaction(claim, original, icn, chart, findings, reason, who));
    }

    private FhirTransaction Transaction(
        Claim claim, Claim original, Identifier icn, EncounterChart chart, IReadOnlyList<ScrubFinding>? findings, string reason, ResourceReference who)
    {
        var key = claim.CreationKey()!;
        var urn = BillingKey.Urn(key);
        var verb = claim.Frequency() == SuccessorClaim.Void ? "Voids" : "Replaces";
        var transaction = new FhirTransaction();
        if (findings is null)
        {
            transaction.CreateOnce(claim, key);
        }
        else
        {
            var stage = StageOf(findings);
            if (StageTransitions.Move(claim, stage, $"{verb} Claim/{original.Id} ({icn.Value}): {reason}. {ClaimRescrub.Why(findings)}", who, clock.GetUtcNow(), urn) is not StageChange.Moved moved)
                throw new UnreachableException($"A new claim could not become {stage}.");
            transaction.CreateOnce(moved.Claim, key);
            transaction.Put(moved.Provenance);
            if (stage == ClaimStage.ScrubFailed)
                transaction.Add(FixScrubTask.Of(claim, urn, chart, setup.Payers, findings, "0"), clock.GetUtcNow());
        }

        transaction.Add(
            new WorklistTask
            {
                Code = TaskCode,
                Key = BillingKey.Of(TaskCode, key),
                Focus = urn,
                Patient = original.Patient?.Reference,
                Group = "billers",
                Description = $"{verb} control number {original.PatientControlNumber()}: waits until the payer takes it.",
                ValueAtStakeUsd = claim.Total?.Value ?? 0m,
                Findings = [$"reason: {reason}", $"by: {who.Display ?? who.Reference}"],
            },
            clock.GetUtcNow());
        return transaction;
    }

    private static SuccessorResult.Made Result(Claim claim, IReadOnlyList<ScrubFinding>? findings) => new SuccessorResult.Made(
        "", claim.PatientControlNumber()!, findings is null ? ClaimStage.Draft : StageOf(findings), claim.Total?.Value ?? 0m, findings ?? []);

    private static string StageOf(IReadOnlyList<ScrubFinding> findings) => Scrubber.Holds(findings) ? ClaimStage.ScrubFailed : ClaimStage.Ready;

    private static SuccessorResult Known(Claim known, string frequency) => known.Frequency() == frequency
        ? new SuccessorResult.Already(known.Id!, known.PatientControlNumber() ?? "", known.Stage() ?? "")
        : new SuccessorResult.Refused(
            $"Claim/{known.Id} ({(known.Frequency() == SuccessorClaim.Void ? "a void" : "a replacement")}, control number {known.PatientControlNumber()}, {known.Stage()}) was made of this claim already: go on with that one.");

    /// <summary>Why a claim in this stage has nothing to replace, and what to do instead; null when it has.</summary>
    private static string? StageRefusal(Claim claim) => claim.Stage() switch
    {
        ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied or ClaimStage.SecondaryDue or ClaimStage.PatientBalance or ClaimStage.Closed => null,
        ClaimStage.Draft or ClaimStage.ScrubFailed or ClaimStage.Ready => $"Claim/{claim.Id} was not sent yet: correct it and scrub it again ($rescrub).",
        ClaimStage.AckRejected or ClaimStage.PayerRejected => $"Claim/{claim.Id} was rejected and never adjudicated: correct it and scrub it again ($rescrub); it goes out as an original once more.",
        ClaimStage.Queued or ClaimStage.Submitted or ClaimStage.Forwarded or ClaimStage.Accepted or ClaimStage.Pended =>
            $"Claim/{claim.Id} is {claim.Stage()}: its payer has not decided it. Replace it when the remittance is there.",
        ClaimStage.Reversed => $"The payer took the payment of Claim/{claim.Id} back: wait for what it says instead.",
        ClaimStage.Appealed => $"Claim/{claim.Id} has an open appeal: settle that first.",
        ClaimStage.Replaced or ClaimStage.Voided => $"Claim/{claim.Id} is {claim.Stage()}: the claim that followed it is the one to change.",
        ClaimStage.WrittenOff => $"Claim/{claim.Id} is written off: nothing of it is billed any more.",
        _ => $"Claim/{claim.Id} is none of ours: it has no stage.",
    };

    private static string TakesNone(string payer, string frequency) => frequency == SuccessorClaim.Void
        ? $"{payer} takes no void claims (frequency 8): send the payment back with a letter that names the claim, or ask for it to be recouped."
        : $"{payer} takes no replacement claims (frequency 7): ask for a reopening, or appeal. A claim that it rejected is sent anew.";

    private static string IdIn(Bundle response) => response.Entry is [{ Response.Location: { } location }, ..] ? FhirReferences.IdOf(location, "Claim") ?? "" : "";

    private DateOnly Today() => setup.Today(clock);
}
