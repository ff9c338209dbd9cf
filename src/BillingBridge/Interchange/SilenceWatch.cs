using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Claim files that nobody has answered, by TA1, 999 or 277CA, within the hours that are usual: work for a person, never another sending (reliability R-22).</summary>
internal sealed class SilenceWatch(IFhirRecords records, InterchangeOptions options, TimeProvider time)
{
    public const string NoResponse = "no-response";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromHours(1); // it is about hours, and reads every claim that is on its way
    private DateTimeOffset _lastLook = DateTimeOffset.MinValue;

    /// <summary>Makes one work item for each silent file, once.</summary>
    /// <returns>The batches, BHT03, that are silent; none when the last look was less than an hour ago.</returns>
    public async Task<IReadOnlyList<string>> ReportAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (now - _lastLook < BetweenLooks)
            return [];
        _lastLook = now;

        var waiting = new Dictionary<string, List<Claim>>();
        await foreach (var claim in records.SearchAsync<Claim>($"claim-stage={ClaimStage.Submitted}", ct))
        {
            if (claim.Stage() == ClaimStage.Submitted && claim.Identifier.FindLast(i => i.System == BillingUrls.Batch)?.Value is { Length: > 0 } batch)
                (waiting.TryGetValue(batch, out var claims) ? claims : waiting[batch] = []).Add(claim);
        }

        var silent = new List<string>();
        var transaction = new FhirTransaction();
        foreach (var (batch, claims) in waiting.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            if (await FileAsync(batch, ct) is not { } file || file.Date > now.AddHours(-options.SilenceHours))
                continue;
            silent.Add(batch);
            transaction.Add(Work(batch, file, claims), now);
        }

        if (silent.Count > 0 && await records.CommitAsync(transaction.Bundle, ct) is CommitOutcome.Refused refused)
            throw new InvalidOperationException($"The FHIR server refuses the work items of silent files: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
        return silent;
    }

    private WorklistTask Work(string batch, DocumentReference file, List<Claim> claims) => new()
    {
        Code = NoResponse,
        Key = BillingKey.Of(NoResponse, batch),
        Focus = $"DocumentReference/{file.Id}",
        Description = $"File {Outbox.FileName(file)} of batch {batch} has had no answer for {options.SilenceHours} hours: neither a TA1 nor a 999 nor a 277CA for {claims.Count} of its claims. "
            + "Ask the clearinghouse whether it arrived; it is not sent again by itself.",
        ValueAtStakeUsd = claims.Sum(c => c.Total?.Value ?? 0m),
        Findings = [.. claims.Take(50).Select(c => $"Claim/{c.Id}, patient control number {c.PatientControlNumber()}")],
    };

    private async Task<DocumentReference?> FileAsync(string batch, CancellationToken ct)
    {
        await foreach (var file in records.SearchAsync<DocumentReference>(BillingKey.Query(BillingUrls.Batch, batch), ct))
            return file;
        return null;
    }
}
