using System.Collections.Concurrent;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions;

/// <summary>Requests under an Idempotency-Key: done once; a repeat gets the first answer, marked <c>Idempotency-Replayed: true</c>.</summary>
/// <remarks>
/// Reliability R-20. Create, update, patch, transaction and such entries of a batch keep their answer in the transaction of their work, so a crash
/// leaves both or none. Deletes in a batch and operations that change the record keep it right after. Refusals are not kept: they changed nothing.
/// </remarks>
internal sealed class Repeats(IResourceStore store, TimeProvider clock)
{
    public const string ReplayedHeader = "Idempotency-Replayed";

    private readonly ConcurrentDictionary<(string Client, string Name), byte> running = new();

    public async Task<FhirReply> RunAsync(FhirRequest request, Func<FhirRequest, CancellationToken, Task<FhirReply>> run, CancellationToken ct)
    {
        var key = request.Idempotency!;
        var place = (request.Caller.Name, key.Name);
        if (!running.TryAdd(place, 0))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Conflict, $"A request with this {IdempotencyKey.Header} is still running. Ask again in a moment.", code: "lock-error"));
        try
        {
            var (reply, isRepeat) = await StoredAsync(request, run, ct);
            if (reply is null && !isRepeat && IsBatch(request) && !RequestJobs.Takes(request))
                (reply, isRepeat) = await BeginAsync(request, run, ct);
            if (reply is null)
            {
                reply = await (await run(request, ct)).WholeAsync(); // the key is the request's until all of it is done
                if (reply.Status == 409)
                {
                    // Another node may have been faster under the same key: then its answer is there by now.
                    var (other, _) = await StoredAsync(request, run, ct);
                    if (other is not null)
                        return Marked(other);
                }
                else if (reply.IsSuccess && (request.Target.Operation is not null || request.Method == "DELETE"))
                {
                    await CommitAsync(AnswerSql.KeepIfNone(KeptReply.Of(request, reply, clock.GetUtcNow())));
                }
            }

            return isRepeat ? Marked(reply) : reply;
        }
        finally
        {
            running.TryRemove(place, out _);
        }
    }

    /// <summary>The answer of an earlier run. No reply and a repeat: a batch that began; its entries know which of them are done.</summary>
    private async Task<(FhirReply? Reply, bool IsRepeat)> StoredAsync(FhirRequest request, Func<FhirRequest, CancellationToken, Task<FhirReply>> run, CancellationToken ct)
    {
        var key = request.Idempotency!;
        if (await store.AnswerAsync(request.Caller.Name, key.Name, ct) is not { } kept)
            return (null, false);
        if (kept.Digest != key.Digest)
            return (FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable,
                $"This {IdempotencyKey.Header} belongs to another request: its address, conditions, preference or body differ. Use a new key for new work.", code: "duplicate")), false);
        if (kept.Status == KeptAnswer.Begun)
            return (null, true);

        var (reply, written) = KeptReply.Read(kept);
        return (reply ?? await run(request with { Idempotency = key with { Written = written } }, ct), true);
    }

    /// <summary>Says before the first entry runs that the key is this batch's.</summary>
    private async Task<(FhirReply? Reply, bool IsRepeat)> BeginAsync(FhirRequest request, Func<FhirRequest, CancellationToken, Task<FhirReply>> run, CancellationToken ct)
    {
        var key = request.Idempotency!;
        var begun = new KeptAnswer(request.Caller.Name, key.Name, key.Digest, KeptAnswer.Begun, clock.GetUtcNow().ToUnixTimeMilliseconds(), []);
        return await CommitAsync(AnswerSql.Keep(begun)) ? (null, false) : await StoredAsync(request, run, ct);
    }

    private async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    private static bool IsBatch(FhirRequest request) => request is { Method: "POST", Target: { Type: null, Operation: null }, Body.Exists: true } && request.Body.TextOf("type") == "batch";

    private static FhirReply Marked(FhirReply reply) => reply.Fault is null || reply.IsSuccess
        ? reply with { Headers = [.. reply.Headers.Where(h => h.Name != ReplayedHeader), (ReplayedHeader, "true")] }
        : reply;
}
