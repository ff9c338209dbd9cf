using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>An amount given up.</summary>
public sealed record WriteOff
{
    public required string ClaimId { get; init; }

    /// <summary>Null gives up everything the category may.</summary>
    public decimal? AmountUsd { get; init; }

    /// <summary>One of <see cref="WriteOffCategory.Codes"/>.</summary>
    public required string Category { get; init; }

    public required string Reason { get; init; }

    /// <summary>An id of the caller's for this write-off; the same id is the same write-off. Null: each call is one.</summary>
    public string? RequestId { get; init; }

    public required string EnteredBy { get; init; }

    /// <summary>Most the person may write off at once; null for no limit.</summary>
    public decimal? LimitUsd { get; init; }
}

/// <summary>Why money is given up, and whose: each category has its account, and the receivables it may lower.</summary>
/// <param name="Code">As it is asked for and kept in the journal line's reason.</param>
/// <param name="Account">Where it is counted.</param>
/// <param name="From">What it may lower, first first.</param>
public sealed record WriteOffCategory(string Code, LedgerAccount Account, IReadOnlyList<LedgerAccount> From)
{
    private static readonly WriteOffCategory[] All =
    [
        new("contractual", LedgerAccount.ContractualAdjustment, [LedgerAccount.InsuranceReceivable]),
        new("denial", LedgerAccount.DenialWriteOff, [LedgerAccount.InsuranceReceivable]),
        new("timely-filing", LedgerAccount.DenialWriteOff, [LedgerAccount.InsuranceReceivable]),
        new("bad-debt", LedgerAccount.BadDebtWriteOff, [LedgerAccount.PatientReceivable]),
        new("charity", LedgerAccount.OtherWriteOff, [LedgerAccount.PatientReceivable, LedgerAccount.InsuranceReceivable]),
        new("courtesy", LedgerAccount.OtherWriteOff, [LedgerAccount.PatientReceivable, LedgerAccount.InsuranceReceivable]),
        new("small-balance", LedgerAccount.OtherWriteOff, [LedgerAccount.PatientReceivable, LedgerAccount.InsuranceReceivable]),
    ];

    public static IEnumerable<string> Codes => All.Select(c => c.Code);

    public static WriteOffCategory? Find(string code) => Array.Find(All, c => c.Code == code);
}

/// <summary>Write-offs: with category and reason, within the person's limit, never below zero.</summary>
public sealed class WriteOffs(IFhirRecords records, TimeProvider time)
{
    private readonly Journal journal = new(records);

    public async Task<MoneyResult> PostAsync(WriteOff writeOff, CancellationToken ct)
    {
        if (writeOff.AmountUsd is { } usd && MoneyPosting.Fault(usd, "The write-off") is { } wrong)
            return new MoneyResult.Refused(wrong);
        if (string.IsNullOrWhiteSpace(writeOff.Reason))
            return new MoneyResult.Refused("A write-off needs a reason.");
        if (WriteOffCategory.Find(writeOff.Category) is not { } category)
            return new MoneyResult.Refused($"'{writeOff.Category}' is no category of write-offs; they are {string.Join(", ", WriteOffCategory.Codes)}.");
        return await MoneyPosting.CommitAsync(records, () => DecideAsync(writeOff, category, ct), ct);
    }

    private async Task<(MoneyPosting?, MoneyResult)> DecideAsync(WriteOff writeOff, WriteOffCategory category, CancellationToken ct)
    {
        var reference = $"Claim/{writeOff.ClaimId}";
        if (await records.ReadAsync<Claim>(writeOff.ClaimId, ct) is not { } claim)
            return (null, new MoneyResult.NotFound(reference));
        var posted = await journal.OfClaimAsync(claim, ct);
        var key = writeOff.RequestId is { Length: > 0 } id
            ? BillingKey.Of("journal", "write-off", writeOff.ClaimId, "request", id)
            : BillingKey.Of("journal", "write-off", writeOff.ClaimId, claim.Meta?.VersionId);
        if (writeOff.RequestId is not null && posted.Any(e => e.Key == key))
            return (null, new MoneyResult.Before(reference));

        var posting = new MoneyPosting(posted, writeOff.EnteredBy, time.GetUtcNow());
        var balance = posting.Balances.OfClaim(reference);
        var open = category.From.Sum(account => Open(balance, account));
        if (open == 0)
            return (null, new MoneyResult.Refused($"Nothing is open on {reference} that '{category.Code}' could write off: payers owe {Text(balance.InsuranceUsd)}, the patient {Text(balance.PatientUsd)}."));
        var usd = writeOff.AmountUsd ?? open;
        if (usd > open)
            return (null, new MoneyResult.Refused($"'{category.Code}' can write off {Text(open)} of {reference}; {Text(usd)} is more."));
        if (usd > writeOff.LimitUsd)
            return (null, new MoneyResult.OverLimit(usd, writeOff.LimitUsd.Value));

        var lines = new List<JournalLine>();
        foreach (var account in category.From)
        {
            var part = Math.Min(usd, Open(balance, account));
            lines.Move(part, category.Account, account, reason: category.Code);
            usd -= part;
        }

        posting.Enter(new JournalEntry
        {
            Key = key,
            Event = JournalEvent.WriteOff,
            PostedOn = posting.Today,
            Claim = reference,
            Patient = LedgerClaim.PatientOf(claim),
            Source = reference,
            EnteredBy = writeOff.EnteredBy,
            Note = writeOff.Reason,
            Lines = lines,
        });
        posting.Touch(claim, key);
        posting.WriteClaims($"Written off ({category.Code}): {writeOff.Reason}", ClaimStage.WrittenOff, ClaimStage.Closed);
        return (posting, posting.Done(null));
    }

    private static decimal Open(ClaimBalance balance, LedgerAccount account) =>
        Math.Max(0m, account is LedgerAccount.InsuranceReceivable ? balance.InsuranceUsd : balance.PatientUsd);

    private static string Text(decimal usd) => usd.ToString("0.00", CultureInfo.InvariantCulture);
}
