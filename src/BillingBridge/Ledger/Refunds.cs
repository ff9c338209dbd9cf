using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Who gets money back.</summary>
public enum RefundTo
{
    Patient,
    Payer,
}

/// <summary>Money given back.</summary>
public sealed record Refund
{
    /// <summary>Id of the claim that is overpaid; null refunds a patient's unapplied money.</summary>
    public string? ClaimId { get; init; }

    /// <summary>Id of the patient; may be null when the claim is named.</summary>
    public string? PatientId { get; init; }

    public RefundTo To { get; init; } = RefundTo.Patient;

    public required decimal AmountUsd { get; init; }

    /// <summary>The bank's or processor's id, or the number of the check: the same id is the same refund.</summary>
    public required string TransactionId { get; init; }

    public required string Reason { get; init; }

    public required string EnteredBy { get; init; }

    /// <summary>Most the person may refund at once; null for no limit.</summary>
    public decimal? LimitUsd { get; init; }
}

/// <summary>Refunds: never more than we hold too much, and each once.</summary>
public sealed class Refunds(IFhirRecords records, TimeProvider time)
{
    private readonly Journal journal = new(records);

    public async Task<MoneyResult> PostAsync(Refund refund, CancellationToken ct)
    {
        if (MoneyPosting.Fault(refund.AmountUsd, "The refund") is { } wrong)
            return new MoneyResult.Refused(wrong);
        if (string.IsNullOrWhiteSpace(refund.TransactionId) || refund.TransactionId.Length > 100)
            return new MoneyResult.Refused("A refund needs the id of its transaction, or the number of its check: 1 to 100 characters.");
        if (string.IsNullOrWhiteSpace(refund.Reason))
            return new MoneyResult.Refused("A refund needs a reason.");
        if (refund is { ClaimId: null, To: RefundTo.Payer })
            return new MoneyResult.Refused("A refund to a payer names the claim that is overpaid.");
        if (refund is { ClaimId: null, PatientId: null })
            return new MoneyResult.Refused("A refund names the patient whose unapplied money goes back, or the claim that is overpaid.");
        if (refund.AmountUsd > refund.LimitUsd)
            return new MoneyResult.OverLimit(refund.AmountUsd, refund.LimitUsd.Value);
        return await MoneyPosting.CommitAsync(records, () => DecideAsync(refund, ct), ct);
    }

    private async Task<(MoneyPosting?, MoneyResult)> DecideAsync(Refund refund, CancellationToken ct)
    {
        var key = BillingKey.Of("refund", refund.TransactionId);
        await foreach (var before in records.SearchAsync<PaymentReconciliation>(BillingKey.Query(key), ct))
        {
            return (null, before.PaymentAmount?.Value == -refund.AmountUsd
                ? new MoneyResult.Before($"PaymentReconciliation/{before.Id}")
                : new MoneyResult.Refused($"Transaction {refund.TransactionId} was refunded before, with another amount: PaymentReconciliation/{before.Id}."));
        }

        Claim? claim = null;
        var patient = refund.PatientId is { } id ? $"Patient/{id}" : null;
        if (refund.ClaimId is { } claimId)
        {
            claim = await records.ReadAsync<Claim>(claimId, ct);
            if (claim is null || LedgerClaim.PatientOf(claim) is not { } owner || (patient is not null && owner != patient))
                return (null, new MoneyResult.NotFound($"Claim/{claimId}"));
            patient = owner;
        }

        var entries = await journal.OfPatientAsync(patient!, ct);
        var posting = new MoneyPosting(entries, refund.EnteredBy, time.GetUtcNow());
        var (account, held) = Held(refund, posting.Balances, patient!);
        if (refund.AmountUsd > held)
            return (null, new MoneyResult.Refused(string.Create(CultureInfo.InvariantCulture, $"Of the {(refund.To is RefundTo.Payer ? "payer" : "patient")} we hold {held:0.00} too much{(claim is null ? "" : $" on Claim/{claim.Id}")}; a refund of {refund.AmountUsd:0.00} is more.")));

        if (claim is null)
        {
            if (await PatientMoney.LastPaymentAsync(records, entries, ct) is not { } payment)
                return (null, new MoneyResult.Refused("The patient's unapplied money comes from no payment in this server, so it cannot be refunded here."));
            payment.Detail.Add(PatientMoney.Detail(-refund.AmountUsd, null, posting.Today));
            posting.Transaction.Update(payment); // two refunds of the same money are a conflict
        }

        var entry = new JournalEntry
        {
            Key = BillingKey.Of("journal", key),
            Event = JournalEvent.Refund,
            PostedOn = posting.Today,
            Claim = claim is null ? null : $"Claim/{claim.Id}",
            Patient = patient,
            Source = BillingKey.Urn(key),
            EnteredBy = refund.EnteredBy,
            Note = refund.Reason,
            Lines = [new(account, refund.AmountUsd), new(LedgerAccount.Cash, -refund.AmountUsd)],
        };
        posting.Enter(entry);
        if (claim is not null)
            posting.Touch(claim, entry.Key);

        var paid = PatientMoney.Reconciliation(
            refund.To is RefundTo.Patient ? FhirReferences.IdOf(patient, "Patient") : null, -refund.AmountUsd, key, refund.TransactionId, DateOfService.Text(posting.Today), posting.Today, null);
        paid.Disposition = refund.Reason;
        paid.Detail.Add(PatientMoney.Detail(-refund.AmountUsd, claim, posting.Today));
        posting.Transaction.CreateOnce(paid, key);
        posting.WriteClaims($"Refund {refund.TransactionId}: {refund.Reason}", ClaimStage.Closed);
        return (posting, posting.Done(entry.Source));
    }

    private static (LedgerAccount Account, decimal HeldUsd) Held(Refund refund, Balances balances, string patient)
    {
        if (refund.ClaimId is not { } id)
            return (LedgerAccount.UnappliedPatientMoney, balances.UnappliedUsd(patient));
        var balance = balances.OfClaim($"Claim/{id}");
        return refund.To is RefundTo.Payer
            ? (LedgerAccount.InsuranceReceivable, Math.Max(0m, -balance.InsuranceUsd))
            : (LedgerAccount.PatientReceivable, Math.Max(0m, -balance.PatientUsd));
    }
}
