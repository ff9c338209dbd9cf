using System.Text.RegularExpressions;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Accounts and events as codes: <c>insurance-receivable</c>, <c>patient-payment</c>.</summary>
public static partial class LedgerCodes
{
    private static readonly Dictionary<string, LedgerAccount> Accounts = Enum.GetValues<LedgerAccount>().ToDictionary(a => Code(a));
    private static readonly Dictionary<string, JournalEvent> Events = Enum.GetValues<JournalEvent>().ToDictionary(e => Code(e));

    public static string Code(LedgerAccount account) => Kebab(account.ToString());

    public static string Code(JournalEvent journalEvent) => Kebab(journalEvent.ToString());

    public static LedgerAccount? Account(string? code) => code is not null && Accounts.TryGetValue(code, out var account) ? account : null;

    public static JournalEvent? Event(string? code) => code is not null && Events.TryGetValue(code, out var found) ? found : null;

    private static string Kebab(string name) => Capital().Replace(name, "-$0")[1..].ToLowerInvariant();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
