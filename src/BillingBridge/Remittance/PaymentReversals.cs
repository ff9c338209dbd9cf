using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Takes a posted payment back whole, as if it had never come: a remittance or paper EOB posted by mistake, a patient's payment that bounced.</summary>
/// <remarks>
/// Every entry of the payment is followed by its exact opposite; its answers are cancelled, each by a negative one that names it; its claims are
/// <c>reversed</c>, or the patient's again; the work it made is cancelled. The same payment may then be posted again, right this time.
/// </remarks>
public sealed class PaymentReversals(IFhirRecords records, TimeProvider time)
{
    private const string Reversal = "22";

    private readonly Journal journal = new(records);

    /// <param name="reconciliationId">The PaymentReconciliation.</param>
    /// <param name="reason">Why, in a person's words.</param>
    /// <param name="enteredBy">Who.</param>
    /// <param name="limitUsd">Most the person may post; null for no limit.</param>
    /// <param name="isPreview">Tells what would be entered and stores nothing.</param>
    /// <param name="ct">Cancels it before the commit.</param>
    public Task<MoneyResult> PostAsync(string reconciliationId, string reason, string enteredBy, decimal? limitUsd, bool isPreview, CancellationToken ct) =>
        string.IsNullOrWhiteSpace(reason)
            ? Task.FromResult<MoneyResult>(new MoneyResult.Refused("Taking a payment back needs a reason."))
            : MoneyPosting.CommitAsync(
                records,
                async () =>
                {
                    var (posting, result) = await DecideAsync(reconciliationId, reason.Trim(), enteredBy, limitUsd, ct);
                    return (isPreview ? null : posting, result);
                },
                ct);

    private async Task<(MoneyPosting?, MoneyResult)> DecideAsync(string id, string reason, string enteredBy, decimal? limitUsd, CancellationToken ct)
    {
        var reference = $"PaymentReconciliation/{id}";
        if (await records.ReadAsync<PaymentReconciliation>(id, ct) is not { } payment)
            return (null, new MoneyResult.NotFound(reference));
        if (payment.Identifier.Find(i => i.System == BillingUrls.IdempotencyKey)?.Value is not { } key)
            return (null, new MoneyResult.Refused($"{reference} was not posted here: there is nothing to take back."));
        if (payment.Status == FinancialResourceStatusCodes.Cancelled)
            return (null, new MoneyResult.Refused($"{reference} is taken back already."));
        if (payment.Outcome is ClaimProcessingCodes.Partial)
            return (null, new MoneyResult.Refused($"{reference} is not posted whole yet: post the file again first."));
        var usd = Math.Abs(payment.PaymentAmount?.Value ?? 0m);
        if (usd > limitUsd)
            return (null, new MoneyResult.OverLimit(usd, limitUsd.Value));

        var (entries, answers, refusal) = await OfAsync(payment, reference, key, ct);
        if (refusal is not null)
            return (null, new MoneyResult.Refused(refusal));

        var now = time.GetUtcNow();
        var claims = new Dictionary<string, StageWalk>();
        foreach (var claimId in entries.Select(e => FhirReferences.IdOf(e.Claim, "Claim")).Concat(answers.Select(a => FhirReferences.IdOf(a.Request?.Reference, "Claim"))).OfType<string>().Distinct())
        {
            if (await records.ReadAsync<Claim>(claimId, ct) is { } claim)
                claims[claimId] = new StageWalk(claim, new ResourceReference { Display = enteredBy }, now);
        }

        var posted = new List<JournalEntry>();
        foreach (var walk in claims.Values)
            posted.AddRange(await journal.OfClaimAsync(walk.Original, ct));
        var posting = new MoneyPosting(posted, enteredBy, now);
        foreach (var entry in entries)
            posting.Enter(Opposite(entry, posting.Today, enteredBy, reason));
        foreach (var answer in answers)
            await CancelAsync(posting.Transaction, answer, posting.Today, ct);
        await EndWorkAsync(posting.Transaction, payment, key, answers, now, ct);

        foreach (var (claimId, walk) in claims)
        {
            // What a payer's answer made of the claim is undone; a patient's payment closed it, or did not. A claim replaced or voided stays so.
            if (answers.Exists(a => FhirReferences.IdOf(a.Request?.Reference, "Claim") == claimId))
                walk.MoveTo(ClaimStage.Reversed, $"Payment taken back: {reason}");
            else if (posting.Balances.OfClaim($"Claim/{claimId}").PatientUsd > 0 && walk.Current.Stage() is ClaimStage.Closed or ClaimStage.WrittenOff)
                walk.MoveTo(ClaimStage.PatientBalance, $"Payment taken back: {reason}");
            // Written in any case: two who post to the same claim at once are a conflict.
            walk.Change(c => c.SetExtension(LedgerUrls.LastEntry, new FhirString(BillingKey.Of("taken-back", key))));
            posting.Transaction.Write(walk);
        }

        payment.Status = FinancialResourceStatusCodes.Cancelled;
        payment.Disposition = $"Taken back: {reason}";
        payment.Detail.ForEach(d => d.Extension.RemoveAll(e => e.Url == RemittanceUrls.Kept)); // what waited for its claim waits no more
        posting.Transaction.Update(payment);
        var balances = posting.Balances;
        return (posting, new MoneyResult.Done(reference, posting.Entries, [.. balances.Claims.Where(c => claims.ContainsKey(c["Claim/".Length..])).Select(balances.OfClaim)]));
    }

    /// <summary>The entries and answers that came of a payment, or why they cannot be taken back together.</summary>
    private async Task<(List<JournalEntry> Entries, List<ClaimResponse> Answers, string? Refusal)> OfAsync(PaymentReconciliation payment, string reference, string key, CancellationToken ct)
    {
        var (entries, answers) = (new List<JournalEntry>(), new List<ClaimResponse>());
        if (FhirReferences.IdOf(payment.GetExtensionValue<ResourceReference>(LedgerUrls.PaidBy)?.Reference, "Patient") is { } patient)
        {
            entries.AddRange((await journal.OfPatientAsync($"Patient/{patient}", ct)).Where(e => e.Source == reference));
            return entries.Exists(e => e.Event == JournalEvent.Refund)
                ? (entries, answers, $"{reference} is a refund, or was refunded: it cannot be taken back.")
                : (entries, answers, null);
        }

        await AddAsync(PaymentEntries.DepositKey(key));
        for (var i = 0; i < payment.Detail.Count; i++)
            await AddAsync(PaymentEntries.ProviderAdjustmentKey(key, i));
        foreach (var responseId in payment.Detail.Select(d => FhirReferences.IdOf(d.Response?.Reference, "ClaimResponse")).OfType<string>().Distinct())
        {
            if (await records.ReadAsync<ClaimResponse>(responseId, ct) is not { } answer)
                continue;
            if (answer.ClaimStatus() == Reversal)
                return (entries, answers, $"{reference} takes an earlier payment back (ClaimResponse/{responseId}): post what the payer says instead.");
            if (answer.Status == FinancialResourceStatusCodes.Cancelled)
                return (entries, answers, $"The payer itself took back what {reference} paid for {answer.Request?.Reference}: its later remittance stands.");
            answers.Add(answer);
            foreach (var identifier in answer.Identifier.Where(i => i.System == BillingUrls.IdempotencyKey && i.Value is not null))
                await AddAsync(ChunkMoney.EntryKey(identifier.Value!));
        }

        return (entries, answers, null);

        async Task AddAsync(string entryKey)
        {
            if (await journal.FindAsync(entryKey, ct) is { } entry)
                entries.Add(entry);
        }
    }

    private static JournalEntry Opposite(JournalEntry entry, DateOnly today, string enteredBy, string reason) => entry with
    {
        Key = BillingKey.Of("journal", "taken-back", entry.Key),
        Event = JournalEvent.Reversal,
        PostedOn = today,
        EnteredBy = enteredBy,
        Note = reason,
        Lines = [.. entry.Lines.Select(l => l with { AmountUsd = -l.AmountUsd })],
    };

    private async Task CancelAsync(FhirTransaction transaction, ClaimResponse answer, DateOnly today, CancellationToken ct)
    {
        var negative = (ClaimResponse)answer.DeepCopy();
        var key = BillingKey.Of("response", "taken-back", answer.Id);
        (negative.Id, negative.Meta, negative.Text) = (null, null, null);
        negative.Identifier = [new Identifier(BillingUrls.IdempotencyKey, key)];
        negative.Created = DateOfService.Text(today);
        negative.Disposition = "Posting taken back";
        negative.SetExtension(RemittanceUrls.ClaimStatus, new Code(Reversal));
        negative.AddExtension(RemittanceUrls.Reverses, new ResourceReference($"ClaimResponse/{answer.Id}"));
        foreach (var money in negative.Adjudication.Concat(negative.Item.SelectMany(i => i.Adjudication)).Concat(negative.AddItem.SelectMany(i => i.Adjudication)).Select(a => a.Amount)
            .Concat(negative.Total.Select(t => t.Amount)).Append(negative.Payment?.Amount).OfType<Money>())
            money.Value = -money.Value;
        negative.Payment?.Date = DateOfService.Text(today);
        transaction.CreateOnce(negative, key);

        answer.Status = FinancialResourceStatusCodes.Cancelled;
        transaction.Update(answer);
        await foreach (var benefit in records.SearchAsync<ExplanationOfBenefit>($"claim={answer.Request!.Reference}", ct))
        {
            if (FhirReferences.IdOf(benefit.ClaimResponse?.Reference, "ClaimResponse") != answer.Id)
                continue;
            benefit.Status = ExplanationOfBenefit.ExplanationOfBenefitStatus.Cancelled;
            transaction.Update(benefit);
        }
    }

    /// <summary>Denials, underpayments and unmatched money of the payment are nobody's work any more.</summary>
    private async Task EndWorkAsync(FhirTransaction transaction, PaymentReconciliation payment, string key, List<ClaimResponse> answers, DateTimeOffset now, CancellationToken ct)
    {
        var ended = new Dictionary<string, FhirTask>();
        foreach (var answer in answers)
        {
            await foreach (var task in records.SearchAsync<FhirTask>($"focus={answer.Request!.Reference}", ct))
            {
                if (FhirReferences.IdOf(task.ReasonReference?.Reference, "ClaimResponse") == answer.Id || IsOf(task))
                    ended[task.Id!] = task;
            }
        }

        for (var ordinal = 1; ordinal <= payment.Detail.Count; ordinal++)
        {
            foreach (var code in (string[])[RemittanceTask.UnmatchedRemit, RemittanceTask.DuplicatePayment])
            {
                var work = BillingKey.Of(code, BillingKey.Of("clp", key, ordinal.ToString(CultureInfo.InvariantCulture)));
                await foreach (var task in records.SearchAsync<FhirTask>(BillingKey.Query(work), ct))
                    ended[task.Id!] = task;
            }
        }

        foreach (var task in ended.Values.Where(t => t.Status is not (FhirTask.TaskStatus.Completed or FhirTask.TaskStatus.Cancelled)))
        {
            task.Status = FhirTask.TaskStatus.Cancelled;
            task.StatusReason = new CodeableConcept { Text = "The payment was taken back." };
            task.LastModifiedElement = new FhirDateTime(now);
            transaction.Update(task);
        }

        // Underpayments and credits carry the key of the payment's CLP, or of the payment, inside their own.
        bool IsOf(FhirTask task) => task.Identifier.Exists(i => i.System == BillingUrls.IdempotencyKey && i.Value is { } own
            && Uri.UnescapeDataString(Uri.UnescapeDataString(own)).Contains(Uri.UnescapeDataString(key), StringComparison.Ordinal));
    }
}
