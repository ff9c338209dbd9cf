namespace FhirEmr.BillingBridge.Ledger;

/// <summary>Both sides of a movement at once.</summary>
internal static class JournalLines
{
    /// <summary>Debits one account and credits the other; a negative amount goes the other way, and zero moves nothing.</summary>
    public static void Move(this List<JournalLine> lines, decimal usd, LedgerAccount debit, LedgerAccount credit, int? item = null, string? reason = null)
    {
        if (usd == 0)
            return;
        lines.Add(new JournalLine(debit, usd, item, reason));
        lines.Add(new JournalLine(credit, -usd, item, reason));
    }
}
