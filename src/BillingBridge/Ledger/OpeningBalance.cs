using System.Globalization;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What was owed when the books began here: one adjustment for each account, marked as such, against <see cref="LedgerAccount.OpeningBalance"/>.</summary>
/// <remarks>The claims behind it are in the system before, so the entry names none. It is no revenue: what was charged there is no charge of ours.</remarks>
public static class OpeningBalance
{
    /// <summary>The reason on each line.</summary>
    public const string Reason = "opening-balance";

    /// <summary>The note on an entry that takes another back.</summary>
    public const string UndoneNote = "Opening balance taken back";

    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="patientId">Whose account it is.</param>
    /// <param name="account">The account's number in the system before; null when it has one account for each patient.</param>
    /// <param name="patientUsd">What the patient owes; negative for a credit.</param>
    /// <param name="insuranceUsd">What payers owe; negative for a credit.</param>
    /// <param name="asOf">The day of the balance, by which it is reported.</param>
    /// <param name="enteredBy">Who brought it in.</param>
    /// <returns>Null when nothing is owed: an entry moves a cent at least.</returns>
    public static JournalEntry? Entry(string key, string patientId, string? account, decimal patientUsd, decimal insuranceUsd, DateOnly asOf, string enteredBy)
    {
        var lines = new List<JournalLine>();
        lines.Move(patientUsd, LedgerAccount.PatientReceivable, LedgerAccount.OpeningBalance, reason: Reason);
        lines.Move(insuranceUsd, LedgerAccount.InsuranceReceivable, LedgerAccount.OpeningBalance, reason: Reason);
        return lines.Count == 0 ? null : new JournalEntry
        {
            Key = key,
            Event = JournalEvent.OpeningBalance,
            PostedOn = asOf,
            Patient = $"Patient/{patientId}",
            EnteredBy = enteredBy,
            Note = account is null ? "Opening balance" : $"Opening balance of account {account}",
            Lines = lines,
        };
    }

    /// <summary>By which an account's balance is entered once.</summary>
    /// <param name="patientId">Whose account it is.</param>
    /// <param name="account">See <see cref="Entry"/>.</param>
    /// <param name="before">How many were entered before it and taken back.</param>
    public static string Key(string patientId, string? account, int before) => BillingKey.Of(Reason, patientId, account, before == 0 ? null : before.ToString(CultureInfo.InvariantCulture));

    /// <summary>The key of what takes the entry of a key back.</summary>
    public static string UndoneKey(string key) => BillingKey.Of("opening-balance-undone", key);

    /// <summary>Exactly the opposite of an entry.</summary>
    public static JournalEntry Undone(JournalEntry entry, DateOnly today, string enteredBy)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry with
        {
            Key = UndoneKey(entry.Key),
            PostedOn = today,
            EnteredBy = enteredBy,
            Note = UndoneNote,
            Lines = [.. entry.Lines.Select(l => l with { AmountUsd = -l.AmountUsd })],
        };
    }
}
