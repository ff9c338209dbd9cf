using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What a patient paid.</summary>
public sealed record PatientPayment
{
    /// <summary>Id of the patient.</summary>
    public required string PatientId { get; init; }

    public required decimal AmountUsd { get; init; }

    /// <summary>The processor's id of the transaction, or the number of the receipt: the same id is the same payment (billing spec 1.5).</summary>
    public required string TransactionId { get; init; }

    /// <summary>The day it was paid; today when null.</summary>
    public DateOnly? PaidOn { get; init; }

    /// <summary><c>card</c>, <c>cash</c>, <c>check</c>; null when not said.</summary>
    public string? Method { get; init; }

    /// <summary>Claims it is for, each with at most how much; empty lets it pay the oldest first.</summary>
    public IReadOnlyList<(string ClaimId, decimal? AmountUsd)> Claims { get; init; } = [];

    public required string EnteredBy { get; init; }

    /// <summary>Most the person may post at once; null for no limit.</summary>
    public decimal? LimitUsd { get; init; }
}

/// <summary>Patients' payments: into the bank, onto claims oldest first or as named, what is left kept for the patient.</summary>
/// <remarks>A claim takes at most what its patient owes: a copay paid before the payer answered stays unapplied until <see cref="ApplyAsync"/>.</remarks>
public sealed class PatientPayments(IFhirRecords records, TimeProvider time)
{
    private const int LongestTransactionId = 100;

    private readonly Journal journal = new(records);

    /// <summary>Posts a payment once.</summary>
    public async Task<MoneyResult> PostAsync(PatientPayment payment, CancellationToken ct)
    {
        if (MoneyPosting.Fault(payment.AmountUsd, "The payment") is { } wrong)
            return new MoneyResult.Refused(wrong);
        if (payment.TransactionId.Length > LongestTransactionId || string.IsNullOrWhiteSpace(payment.TransactionId))
            return new MoneyResult.Refused($"A payment needs the processor's transaction id, or the number of its receipt: 1 to {LongestTransactionId} characters.");
        if (payment.AmountUsd > payment.LimitUsd)
            return new MoneyResult.OverLimit(payment.AmountUsd, payment.LimitUsd.Value);
        return await MoneyPosting.CommitAsync(records, () => DecideAsync(payment, ct), ct);
    }

    /// <summary>Puts a patient's unapplied money onto what they owe by now, oldest first.</summary>
    public async Task<MoneyResult> ApplyAsync(string patientId, string enteredBy, CancellationToken ct) =>
        await MoneyPosting.CommitAsync(records, () => DecideApplyAsync(patientId, enteredBy, ct), ct);

    private async Task<(MoneyPosting?, MoneyResult)> DecideAsync(PatientPayment payment, CancellationToken ct)
    {
        var patient = $"Patient/{payment.PatientId}";
        var key = BillingKey.Of("patient-payment", payment.TransactionId);
        await foreach (var before in records.SearchAsync<PaymentReconciliation>(BillingKey.Query(key), ct))
            return (null, Compare(payment, before));
        if (await records.ReadAsync<Patient>(payment.PatientId, ct) is null)
            return (null, new MoneyResult.NotFound(patient));

        var posting = new MoneyPosting(await journal.OfPatientAsync(patient, ct), payment.EnteredBy, time.GetUtcNow());
        var balances = posting.Balances;
        var (claims, refusal) = payment.Claims.Count > 0 ? await NamedAsync(payment, patient, ct) : (await OwingAsync(patient, balances, ct), null);
        if (refusal is not null)
            return (null, refusal);

        var source = BillingKey.Urn(key);
        posting.Enter(new JournalEntry
        {
            Key = BillingKey.Of("journal", key),
            Event = JournalEvent.PatientPayment,
            PostedOn = posting.Today,
            Patient = patient,
            Source = source,
            EnteredBy = payment.EnteredBy,
            Lines = [new(LedgerAccount.Cash, payment.AmountUsd), new(LedgerAccount.UnappliedPatientMoney, -payment.AmountUsd)],
        });
        var applied = Apply(posting, balances, patient, claims, payment.AmountUsd, source, payment.EnteredBy, key);
        posting.Transaction.CreateOnce(Reconciliation(payment, key, applied, posting.Today), key);
        posting.WriteClaims($"Patient payment {payment.TransactionId}: nothing is left to pay", ClaimStage.Closed);
        return (posting, posting.Done(source));
    }

    private async Task<(MoneyPosting?, MoneyResult)> DecideApplyAsync(string patientId, string enteredBy, CancellationToken ct)
    {
        var patient = $"Patient/{patientId}";
        var entries = await journal.OfPatientAsync(patient, ct);
        var posting = new MoneyPosting(entries, enteredBy, time.GetUtcNow());
        var balances = posting.Balances;
        var claims = await OwingAsync(patient, balances, ct);
        if (balances.UnappliedUsd(patient) is var unapplied && (unapplied == 0 || claims.Count == 0))
            return (null, posting.Done(null));
        if (await PatientMoney.LastPaymentAsync(records, entries, ct) is not { } payment)
            return (null, new MoneyResult.Refused("The patient's unapplied money comes from no payment in this server, so it cannot be applied here."));

        var source = $"PaymentReconciliation/{payment.Id}";
        foreach (var (claim, usd) in Apply(posting, balances, patient, claims, unapplied, source, enteredBy, BillingKey.Of("later", payment.Id, payment.Meta?.VersionId)))
            payment.Detail.Add(PatientMoney.Detail(usd, claim, posting.Today));
        posting.Transaction.Update(payment); // two who apply at once change the same payment
        posting.WriteClaims("Unapplied money of the patient: nothing is left to pay", ClaimStage.Closed);
        return (posting, posting.Done(source));
    }

    private static MoneyResult Compare(PatientPayment payment, PaymentReconciliation before)
    {
        var isSame = before.PaymentAmount?.Value == payment.AmountUsd
            && FhirReferences.IdOf(before.GetExtensionValue<ResourceReference>(LedgerUrls.PaidBy)?.Reference, "Patient") == payment.PatientId;
        return isSame
            ? new MoneyResult.Before($"PaymentReconciliation/{before.Id}")
            : new MoneyResult.Refused($"Transaction {payment.TransactionId} was posted before, for another patient or amount: PaymentReconciliation/{before.Id}.");
    }

    private async Task<(List<(Claim Claim, decimal? MostUsd)> Claims, MoneyResult? Refusal)> NamedAsync(PatientPayment payment, string patient, CancellationToken ct)
    {
        var claims = new List<(Claim, decimal?)>();
        foreach (var (id, most) in payment.Claims)
        {
            if (most is { } usd && MoneyPosting.Fault(usd, $"The amount for Claim/{id}") is { } wrong)
                return ([], new MoneyResult.Refused(wrong));
            if (await records.ReadAsync<Claim>(id, ct) is not { } claim || LedgerClaim.PatientOf(claim) != patient)
                return ([], new MoneyResult.NotFound($"Claim/{id}"));
            if (claims.Exists(c => c.Item1.Id == id))
                return ([], new MoneyResult.Refused($"Claim/{id} is named twice."));
            claims.Add((claim, most));
        }

        return payment.Claims.Sum(c => c.AmountUsd ?? 0m) > payment.AmountUsd
            ? ([], new MoneyResult.Refused("The amounts for the claims come to more than was paid."))
            : (claims, null);
    }

    // Oldest service first; what has no day is paid last.
    private async Task<List<(Claim Claim, decimal? MostUsd)>> OwingAsync(string patient, Balances balances, CancellationToken ct)
    {
        var owing = new List<(Claim Claim, decimal? MostUsd)>();
        foreach (var reference in balances.Claims.Where(c => balances.OfClaim(c).PatientUsd > 0))
        {
            if (FhirReferences.IdOf(reference, "Claim") is { } id && await records.ReadAsync<Claim>(id, ct) is { } claim && LedgerClaim.PatientOf(claim) == patient)
                owing.Add((claim, null));
        }

        return [.. owing.OrderBy(o => o.Claim.KnownServiceDay() ?? DateOnly.MaxValue).ThenBy(o => o.Claim.Id, StringComparer.Ordinal)];
    }

    private static List<(Claim Claim, decimal Usd)> Apply(
        MoneyPosting posting, Balances balances, string patient, List<(Claim Claim, decimal? MostUsd)> claims, decimal usd, string source, string who, string key)
    {
        var applied = new List<(Claim, decimal)>();
        foreach (var (claim, most) in claims)
        {
            var part = Math.Min(Math.Min(usd, most ?? usd), Math.Max(0m, balances.OfClaim($"Claim/{claim.Id}").PatientUsd));
            if (part <= 0)
                continue;
            var entry = new JournalEntry
            {
                Key = BillingKey.Of("journal", "applied", key, claim.Id),
                Event = JournalEvent.Transfer,
                PostedOn = posting.Today,
                Claim = $"Claim/{claim.Id}",
                Patient = patient,
                Source = source,
                EnteredBy = who,
                Lines = [new(LedgerAccount.UnappliedPatientMoney, part), new(LedgerAccount.PatientReceivable, -part)],
            };
            posting.Enter(entry);
            posting.Touch(claim, entry.Key);
            applied.Add((claim, part));
            usd -= part;
        }

        return applied;
    }

    private static PaymentReconciliation Reconciliation(PatientPayment payment, string key, List<(Claim Claim, decimal Usd)> applied, DateOnly today)
    {
        var paidOn = DateOfService.Text(payment.PaidOn ?? today);
        var reconciliation = PatientMoney.Reconciliation(payment.PatientId, payment.AmountUsd, key, payment.TransactionId, paidOn, today, payment.Method);
        reconciliation.Detail = [.. applied.Select(a => PatientMoney.Detail(a.Usd, a.Claim, today))];
        return reconciliation;
    }
}
