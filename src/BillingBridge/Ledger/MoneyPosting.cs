using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What a person posts, on its way to one commit: entries, claims they touch, the stages these reach.</summary>
internal sealed class MoneyPosting(IReadOnlyList<JournalEntry> posted, string who, DateTimeOffset now)
{
    private const int Attempts = 5;

    private readonly Dictionary<string, StageWalk> claims = [];

    public FhirTransaction Transaction { get; } = new();

    public List<JournalEntry> Entries { get; } = [];

    public DateOnly Today { get; } = DateOnly.FromDateTime(now.DateTime);

    /// <summary>Balances with what is about to be entered.</summary>
    public Balances Balances => Balances.Of(posted.Concat(Entries));

    /// <summary>Gathers, decides and commits, again when somebody else was faster.</summary>
    /// <param name="decide">The posting and what to answer for it, or the answer that refuses it.</param>
    public static async Task<MoneyResult> CommitAsync(IFhirRecords records, Func<Task<(MoneyPosting? Posting, MoneyResult Result)>> decide, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (posting, result) = await decide();
            if (posting is null)
                return result;
            switch (await records.CommitAsync(posting.Transaction.Bundle, ct))
            {
                case CommitOutcome.Committed committed:
                    return result is MoneyResult.Done done ? done with { Resource = posting.Resolve(done.Resource, committed.Response) } : result;
                case CommitOutcome.Refused refused:
                    throw new InvalidOperationException($"The FHIR server refuses the posting: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                default:
                    continue;
            }
        }

        return new MoneyResult.Busy();
    }

    /// <summary>Why an amount cannot be posted; null when it can.</summary>
    public static string? Fault(decimal usd, string what) => usd <= 0 ? string.Create(CultureInfo.InvariantCulture, $"{what} is {usd}; it must be more than zero.")
        : decimal.Round(usd, 2) != usd ? string.Create(CultureInfo.InvariantCulture, $"{what} is {usd}; money has whole cents.")
        : null;

    public void Enter(JournalEntry entry)
    {
        Entries.Add(entry);
        Transaction.Enter(entry);
    }

    /// <summary>A claim an entry of this posting is about. It is written with the entry's key, so that two postings to it at once are a conflict.</summary>
    public void Touch(Claim claim, string key)
    {
        if (!claims.TryGetValue(claim.Id!, out var walk))
            claims[claim.Id!] = walk = new StageWalk(claim, new ResourceReference { Display = who }, now);
        walk.Change(c => c.SetExtension(LedgerUrls.LastEntry, new FhirString(key)));
    }

    /// <summary>Moves each claim whose balance is zero to the first of these stages it may reach, and puts all touched ones into the transaction.</summary>
    public void WriteClaims(string why, params IReadOnlyList<string> settled)
    {
        var balances = Balances;
        foreach (var (id, walk) in claims)
        {
            if (balances.OfClaim($"Claim/{id}") is { InsuranceUsd: 0, PatientUsd: 0 })
                _ = settled.FirstOrDefault(stage => walk.MoveTo(stage, why) is null);
            Transaction.Write(walk);
        }
    }

    public MoneyResult.Done Done(string? resource)
    {
        var balances = Balances;
        return new(resource, Entries, [.. claims.Keys.Select(id => balances.OfClaim($"Claim/{id}"))]);
    }

    private string? Resolve(string? url, Bundle response)
    {
        var at = Transaction.Bundle.Entry.FindIndex(e => e.FullUrl == url);
        return at >= 0 && at < response.Entry.Count && response.Entry[at].Response?.Location is { } location
            ? string.Join('/', location.Split('/').SkipWhile(p => !ModelInfo.IsKnownResource(p)).Take(2))
            : url;
    }
}
