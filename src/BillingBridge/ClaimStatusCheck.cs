using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Somebody asks what became of a claim: a 276 goes out, and the 277 is told when it comes at once.</summary>
/// <param name="records">Claims and responses.</param>
/// <param name="pipeline">Writes the 276.</param>
/// <param name="exchange">One turn of the exchange with payers: files out, answers in.</param>
/// <param name="time">Now.</param>
public sealed class ClaimStatusCheck(IFhirRecords records, ClaimStatusPipeline pipeline, Func<CancellationToken, Task> exchange, TimeProvider time)
{
    // An answer may take a while where files are exchanged: the same question is not written again before.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly Outbox _outbox = new(records, time);

    public async Task<ClaimStatusResult> RunAsync(string claimId, bool refresh, CancellationToken ct)
    {
        if (await records.ReadAsync<Claim>(claimId, ct) is not { } claim)
            return new ClaimStatusResult.NoSuchClaim(claimId);
        if (claim.Stage() is null or ClaimStage.Draft or ClaimStage.ScrubFailed or ClaimStage.Ready or ClaimStage.Queued)
            return new ClaimStatusResult.NotSent(claim.Stage() ?? "none");

        var before = await NewestAsync(claimId, ct);
        var open = await _outbox.AboutAsync($"Claim/{claimId}", "276", ct)
            .Where(f => Outbox.IsPending(f) || (!refresh && f.DocStatus is CompositionStatus.Final && time.GetUtcNow() - f.Date < Patience && !IsAnswered(f, before))).AnyAsync(ct);
        if (!open)
        {
            var asked = await pipeline.AskAsync([claimId], ct);
            if (asked.NotAsked is [var refused, ..])
                return new ClaimStatusResult.NotAsked(refused.Problems);
        }

        await exchange(ct);
        var stage = (await records.ReadAsync<Claim>(claimId, ct))?.Stage() ?? claim.Stage()!;
        var answer = await NewestAsync(claimId, ct);
        if (answer is not null && answer.Id != before?.Id)
            return new ClaimStatusResult.Answered(stage, answer);

        var file = await _outbox.AboutAsync($"Claim/{claimId}", "276", ct).OrderByDescending(f => f.Date).FirstOrDefaultAsync(ct);
        var delivery = file is null ? null : Delivery.Of(file);
        return new ClaimStatusResult.Waiting(
            stage, delivery is { Problem: { } problem } ? $"{problem} The next try is at {delivery.Next:yyyy-MM-dd HH:mm} UTC." : "The payer has not answered yet.", before);
    }

    private static bool IsAnswered(DocumentReference question, ClaimResponse? answer) => answer?.Meta?.LastUpdated is { } came && came > question.Date;

    private async Task<ClaimResponse?> NewestAsync(string claimId, CancellationToken ct)
    {
        ClaimResponse? newest = null;
        await foreach (var response in records.SearchAsync<ClaimResponse>($"request=Claim/{claimId}", ct))
        {
            if (response.Disposition?.StartsWith("277 ", StringComparison.Ordinal) == true && (newest is null || response.Meta?.LastUpdated > newest.Meta?.LastUpdated))
                newest = response;
        }

        return newest;
    }
}

/// <summary>How asking about a claim ended.</summary>
public abstract record ClaimStatusResult
{
    private ClaimStatusResult()
    {
    }

    /// <summary>The payer says where the claim stands.</summary>
    public sealed record Answered(string Stage, ClaimResponse Response) : ClaimStatusResult;

    /// <summary>The question is on its way.</summary>
    /// <param name="Last">The last answer to such a question; null when there is none.</param>
    public sealed record Waiting(string Stage, string Why, ClaimResponse? Last) : ClaimStatusResult;

    /// <summary>The payer does not have the claim.</summary>
    public sealed record NotSent(string Stage) : ClaimStatusResult;

    /// <summary>It cannot be asked about.</summary>
    public sealed record NotAsked(IReadOnlyList<MappingProblem> Problems) : ClaimStatusResult;

    public sealed record NoSuchClaim(string Id) : ClaimStatusResult;
}
