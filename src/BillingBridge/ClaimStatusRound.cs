using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Status;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>The nightly look at claims that payers are silent about: a Task for each, and a 276 where the payer should have paid by now (billing spec 1.7, 2.6).</summary>
/// <remarks>Run again it changes nothing: one Task for each silence, and no second question within a week. A claim that moved on ends its Task.</remarks>
public sealed class ClaimStatusRound(IFhirRecords records, ClaimStatusPipeline pipeline, PayerDirectory payers, TimeProvider time)
{
    public const string NoResponse = "no-response";

    private const int DaysBetweenQuestions = 7;
    private const int ClaimsAtOnce = 100;
    private static readonly string[] AtThePayer = [ClaimStage.Submitted, ClaimStage.Forwarded, ClaimStage.Accepted, ClaimStage.Pended];

    private readonly Outbox _outbox = new(records, time);
    private readonly FhirReferences _references = new(records);

    public async Task<ClaimStatusRoundResult> RunAsync(CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var ended = await EndAsync(ct);
        var (looked, silent, asked, notAsked) = (0, 0, 0, new List<ClaimNotSent>());
        foreach (var stage in AtThePayer)
        {
            // The stages do not change while we look: what is asked here waits in the outbox.
            await foreach (var some in records.SearchAsync<Claim>($"claim-stage={stage}", ct).Where(c => c.Stage() == stage).Chunk(ClaimsAtOnce).WithCancellation(ct))
            {
                var transaction = new FhirTransaction();
                var ask = new List<string>();
                foreach (var claim in some)
                {
                    looked++;
                    if (claim.Stage() == ClaimStage.Accepted && claim.Frequency() == SuccessorClaim.Void)
                        continue; // the payer took it, and answers to the claim it voids
                    var submitted = await SubmittedAsync(claim, ct);
                    var (profile, due) = await DueAsync(claim, submitted, today, ct);
                    if (due is StatusDue.None)
                        continue;
                    silent++;
                    transaction.Add(Work(claim, due, submitted, profile), time.GetUtcNow());
                    if (due is StatusDue.NoAnswer && !await IsAskedAsync(claim, today, ct))
                        ask.Add(claim.Id!);
                }

                if (transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
                    throw new InvalidOperationException($"The FHIR server refuses the work about silent payers: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                if (ask.Count == 0)
                    continue;
                var result = await pipeline.AskAsync(ask, ct);
                asked += result.ClaimIds.Count;
                notAsked.AddRange(result.NotAsked);
            }
        }

        return new ClaimStatusRoundResult(looked, silent, asked, ended, notAsked);
    }

    private async Task<(PayerProfile Profile, StatusDue Due)> DueAsync(Claim claim, DateOnly submitted, DateOnly today, CancellationToken ct)
    {
        var coverage = await _references.FindAsync<Coverage>(claim.FocalInsurance()?.Coverage, ct);
        var payor = await _references.FindAsync<Organization>(coverage?.Payor is [var first, ..] ? first : claim.Insurer, ct);
        var profile = payers.For(coverage, payor, submitted);
        return (profile, StatusDueDays.Of(claim.Stage(), submitted, today, profile.DaysToPay));
    }

    private static WorklistTask Work(Claim claim, StatusDue due, DateOnly submitted, PayerProfile profile) => new()
    {
        Code = NoResponse,
        Key = BillingKey.Of("task", NoResponse, claim.Id, due is StatusDue.NoAnswer ? "835" : "277CA", DateOfService.Text(submitted)),
        Focus = $"Claim/{claim.Id}",
        Patient = claim.Patient?.Reference,
        Description = due is StatusDue.NoAnswer
            ? $"No payment or denial {StatusDueDays.DaysOfGrace} days after the payer's {profile.DaysToPay} days to pay; its status is asked for. Sent on {DateOfService.Text(submitted)}."
            : $"No acknowledgement (277CA) after {StatusDueDays.BusinessDaysToAcknowledge} business days. Sent on {DateOfService.Text(submitted)}: ask the clearinghouse whether the file arrived.",
        ValueAtStakeUsd = claim.Total?.Value ?? 0m,
        Deadline = DateOfService.From(claim.BillablePeriod?.End ?? claim.BillablePeriod?.Start) is { } service ? profile.FilingLimit(service) : null,
    };

    // The last time it became submitted; what was sent before stages were recorded counts from its creation.
    private async Task<DateOnly> SubmittedAsync(Claim claim, CancellationToken ct)
    {
        DateTimeOffset? moment = null;
        await foreach (var provenance in records.SearchAsync<Provenance>($"target=Claim/{claim.Id}", ct))
        {
            var to = provenance.GetExtensionValue<Code>(BillingUrls.StageTransition + "-to")?.Value;
            if (to == ClaimStage.Submitted && provenance.Recorded is { } recorded && (moment is null || recorded > moment))
                moment = recorded;
        }

        return moment is { } sent ? DateOnly.FromDateTime(sent.UtcDateTime) : DateOfService.From(claim.Created) ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
    }

    private async Task<bool> IsAskedAsync(Claim claim, DateOnly today, CancellationToken ct)
    {
        await foreach (var question in _outbox.AboutAsync($"Claim/{claim.Id}", "276", ct))
        {
            if (question.Date is { } asked && today.DayNumber - DateOnly.FromDateTime(asked.UtcDateTime).DayNumber < DaysBetweenQuestions)
                return true;
        }

        return false;
    }

    // The payer has spoken since: the work is done by itself.
    private async Task<int> EndAsync(CancellationToken ct)
    {
        var transaction = new FhirTransaction();
        await foreach (var task in records.SearchAsync<FhirTask>($"code={BillingKey.Token(BillingUrls.TaskCode, NoResponse)}&status=requested", ct))
        {
            if (FhirReferences.IdOf(task.Focus?.Reference, "Claim") is not { } id || await records.ReadAsync<Claim>(id, ct) is not { } claim)
                continue;
            var isOver = task.Identifier.Exists(i => i.Value?.Contains("/277CA/", StringComparison.Ordinal) == true)
                ? claim.Stage() is not (ClaimStage.Submitted or ClaimStage.Forwarded)
                : !AtThePayer.Contains(claim.Stage());
            if (!isOver)
                continue;
            task.Status = FhirTask.TaskStatus.Completed;
            task.LastModifiedElement = new FhirDateTime(time.GetUtcNow());
            transaction.Update(task);
            if (transaction.Count == ClaimsAtOnce)
                break; // the rest with the next round
        }

        return transaction.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Committed ? transaction.Count : 0;
    }
}

/// <summary>What a round did.</summary>
/// <param name="Claims">At payers.</param>
/// <param name="Silent">Whose payer is silent for too long.</param>
/// <param name="Asked">A 276 was written for.</param>
/// <param name="Ended">Tasks that an answer has made needless.</param>
/// <param name="NotAsked">Claims no 276 can be written for, and why.</param>
public sealed record ClaimStatusRoundResult(int Claims, int Silent, int Asked, int Ended, IReadOnlyList<ClaimNotSent> NotAsked);
