using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Transactions;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The journal entries of one commit of a payment, and the work they make.</summary>
internal sealed class ChunkMoney(IFhirRecords records, PaymentContext payment, DateOnly today)
{
    private readonly Journal _journal = new(records);
    private readonly Dictionary<string, ClaimMoney> _claims = [];
    private readonly Dictionary<string, IReadOnlyList<JournalEntry>> _before = [];
    private readonly Dictionary<string, string?> _filings = [];
    private readonly List<JournalEntry> _ofPayment = [];
    private readonly List<(string Key, PlbAdjustment Adjustment, ClaimMoney? Money)> _recoveries = [];

    /// <summary>The entry of a posted answer, by the key of its ClaimResponse.</summary>
    public static string EntryKey(string responseKey) => BillingKey.Of("journal", responseKey);

    /// <summary>Asks for what was entered for the patients of many claims at once.</summary>
    public async Task GatherAsync(IEnumerable<Claim> claims, CancellationToken ct)
    {
        var patients = claims.Select(LedgerClaim.PatientOf).OfType<string>().Where(p => !_before.ContainsKey(p)).Distinct(StringComparer.Ordinal).ToList();
        foreach (var (patient, entries) in await _journal.OfPatientsAsync(patients, ct))
            _before[patient] = entries;
    }

    /// <summary>A payer's answer.</summary>
    /// <returns>The money of the claim that was charged, with it.</returns>
    public async Task<ClaimBalance> AdjudicateAsync(Claim claim, Remittance835Item.Claim remittance, RemittanceKeys keys, string response, CancellationToken ct)
    {
        var lines = AdjudicationLines.Of(claim, remittance, LedgerClaim.IsLastPayer(claim, StageDecision.Rank(remittance)));
        var money = await OfAsync(claim, remittance, ct);
        Add(money, JournalEvent.Adjudication, keys, response, lines);
        return money.Balance;
    }

    /// <summary>An answer taken back: the exact opposite of what was entered for it, whatever the rules would make of it today.</summary>
    public async Task ReverseAsync(Claim claim, Remittance835Item.Claim remittance, RemittanceKeys keys, ClaimResponse earlier, string response, CancellationToken ct)
    {
        var money = await OfAsync(claim, remittance, ct);
        var posted = earlier.Identifier.Where(i => i.System == BillingUrls.IdempotencyKey && i.Value is not null).Select(i => money.Find(EntryKey(i.Value!))).FirstOrDefault(e => e is not null);
        // An answer from before the journal was kept has no entry; then the payer's own negative amounts say what it was.
        var lines = posted is null
            ? AdjudicationLines.Of(claim, remittance, LedgerClaim.IsLastPayer(claim, StageDecision.Rank(remittance)))
            : [.. posted.Lines.Select(l => l with { AmountUsd = -l.AmountUsd })];
        Add(money, JournalEvent.Reversal, keys, response, lines);
    }

    /// <summary>A PLB amount; a recovery goes to the claim it names.</summary>
    public async Task RecoverAsync(PlbAdjustment adjustment, int index, Claim? recovered, string source, CancellationToken ct)
    {
        var money = recovered is null ? null : await OfAsync(recovered, null, ct);
        if (PaymentEntries.ProviderAdjustment(payment, adjustment, index, money?.Claim, source, today) is not { } entry)
            return;
        if (money is null)
            _ofPayment.Add(entry);
        else
            money.Add(entry, today);
        if (adjustment is { Code: PaymentEntries.Recovery, AmountUsd: > 0 })
            _recoveries.Add((BillingKey.Of(RemittanceTask.TakeBack, entry.Key), adjustment, money));
    }

    /// <summary>Patients among them who paid before they owed; their money can be applied now.</summary>
    public HashSet<string> Prepaid { get; } = [];

    public IReadOnlyList<JournalEntry> Entries => [.. _ofPayment, .. _claims.Values.SelectMany(m => m.Entries)];

    public IReadOnlyList<ClaimBalance> ClaimBalances => [.. _claims.Values.Select(m => m.Balance)];

    /// <summary>Everything entered, and a Task for each claim that is overpaid now.</summary>
    public void WriteTo(FhirTransaction transaction, DateTimeOffset now)
    {
        foreach (var entry in _ofPayment)
            transaction.Enter(entry);
        foreach (var money in _claims.Values.Where(m => m.Entries.Count > 0))
        {
            money.Entries.ForEach(transaction.Enter);
            if (money.Balance is { BalanceUsd: < 0 } balance)
            {
                var key = BillingKey.Of(RemittanceTask.CreditBalance, payment.FileKey, money.Claim.Id);
                transaction.Add(RemittanceTask.Credit(key, balance, _filings[money.Claim.Id!], payment, today, money.Claim), now);
            }
        }

        foreach (var (key, adjustment, money) in _recoveries)
        {
            if (RemittanceTask.TakenBack(key, adjustment, money?.Claim, money?.Balance, payment) is { } task)
                transaction.Add(task, now);
        }
    }

    private void Add(ClaimMoney money, JournalEvent journalEvent, RemittanceKeys keys, string source, IReadOnlyList<JournalLine> lines)
    {
        if (lines.Count == 0)
            return;
        money.Add(
            new JournalEntry
            {
                Key = EntryKey(BillingKey.Of("response", keys.Claim)),
                Event = journalEvent,
                PostedOn = today,
                Claim = $"Claim/{money.Claim.Id}",
                Patient = LedgerClaim.PatientOf(money.Claim),
                Source = source,
                Lines = lines,
            },
            today);
    }

    private async Task<ClaimMoney> OfAsync(Claim claim, Remittance835Item.Claim? remittance, CancellationToken ct)
    {
        var charged = await LedgerClaim.OfAsync(records, claim, ct);
        if (!_claims.TryGetValue(charged.Id!, out var money))
        {
            var patient = LedgerClaim.PatientOf(charged);
            var entries = patient is null ? [] : await BeforeAsync(patient, ct);
            if (patient is not null && Balances.Of(entries).UnappliedUsd(patient) > 0)
                Prepaid.Add(patient);
            _claims[charged.Id!] = money = new ClaimMoney(charged, [.. entries.Where(e => e.Claim == $"Claim/{charged.Id}")]);
        }

        _filings[charged.Id!] = remittance?.Clp.Filing ?? _filings.GetValueOrDefault(charged.Id!);
        return money;
    }

    // A file often pays several claims of one patient.
    private async Task<IReadOnlyList<JournalEntry>> BeforeAsync(string patient, CancellationToken ct)
    {
        if (!_before.TryGetValue(patient, out var entries))
            _before[patient] = entries = await _journal.OfPatientAsync(patient, ct);
        return entries;
    }
}
