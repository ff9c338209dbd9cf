namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Balances, derived from entries: by account, claim and patient. Nothing else is kept, so nothing can disagree with the journal (reliability R-15).</summary>
public sealed class Balances
{
    private readonly Dictionary<LedgerAccount, decimal> accounts = [];
    private readonly Dictionary<string, Dictionary<LedgerAccount, decimal>> claims = [];
    private readonly Dictionary<string, Dictionary<LedgerAccount, decimal>> patients = [];

    private Balances()
    {
    }

    public static Balances Of(IEnumerable<JournalEntry> entries)
    {
        var balances = new Balances();
        foreach (var entry in entries)
        {
            foreach (var line in entry.Lines)
            {
                Add(balances.accounts, line);
                if (entry.Claim is { } claim)
                    Add(Of(balances.claims, claim), line);
                if (entry.Patient is { } patient)
                    Add(Of(balances.patients, patient), line);
            }
        }

        return balances;
    }

    /// <summary>Every claim that has an entry, <c>Claim/id</c>.</summary>
    public IEnumerable<string> Claims => claims.Keys;

    /// <summary>Of all accounts together: zero, or the journal is broken.</summary>
    public decimal SumUsd => accounts.Values.Sum();

    public decimal Usd(LedgerAccount account) => accounts.GetValueOrDefault(account);

    /// <param name="patient"><c>Patient/id</c>.</param>
    /// <param name="account">Debits positive.</param>
    public decimal OfPatient(string patient, LedgerAccount account) => patients.GetValueOrDefault(patient)?.GetValueOrDefault(account) ?? 0m;

    /// <summary>A patient's money that no claim has used; never below zero.</summary>
    public decimal UnappliedUsd(string patient) => Math.Max(0m, -OfPatient(patient, LedgerAccount.UnappliedPatientMoney));

    /// <param name="claim"><c>Claim/id</c>.</param>
    public ClaimBalance OfClaim(string claim)
    {
        var sums = claims.GetValueOrDefault(claim) ?? [];
        decimal Usd(LedgerAccount account) => sums.GetValueOrDefault(account);
        return new ClaimBalance
        {
            Claim = claim,
            ChargesUsd = -Usd(LedgerAccount.Revenue),
            PayerPaidUsd = Usd(LedgerAccount.UnappliedPayerMoney),
            PatientPaidUsd = Usd(LedgerAccount.UnappliedPatientMoney),
            AdjustedUsd = Usd(LedgerAccount.ContractualAdjustment),
            WrittenOffUsd = Usd(LedgerAccount.DenialWriteOff) + Usd(LedgerAccount.BadDebtWriteOff) + Usd(LedgerAccount.OtherWriteOff),
            RefundedUsd = -Usd(LedgerAccount.Cash),
            InsuranceUsd = Usd(LedgerAccount.InsuranceReceivable),
            PatientUsd = Usd(LedgerAccount.PatientReceivable),
        };
    }

    private static Dictionary<LedgerAccount, decimal> Of(Dictionary<string, Dictionary<LedgerAccount, decimal>> all, string key) =>
        all.TryGetValue(key, out var found) ? found : all[key] = [];

    private static void Add(Dictionary<LedgerAccount, decimal> sums, JournalLine line) =>
        sums[line.Account] = sums.GetValueOrDefault(line.Account) + line.AmountUsd;
}
