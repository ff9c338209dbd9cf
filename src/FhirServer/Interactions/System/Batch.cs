using System.Runtime.CompilerServices;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>batch</c>: independent requests in one round trip; one that fails touches no other.</summary>
/// <remarks>
/// http.html#brules. Every entry answers for itself, with an OperationOutcome when refused. Answers are sent as they are worked out. Under an
/// Idempotency-Key each entry is kept for itself.
/// </remarks>
internal sealed class Batch(Lazy<FhirInteractions> interactions, TimeProvider clock, ILogger<Batch> log)
{
    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var entries = BundleEntry.ReadAll(request);
        return Task.FromResult(BundleLimits.Fault(entries.Count) is { } fault
            ? FhirReply.Refuse(fault)
            : new FhirReply(200) { More = RunAsync(request, entries, ct) });
    }

    private async IAsyncEnumerable<ReplyBody> RunAsync(FhirRequest request, IReadOnlyList<BundleEntry> entries, [EnumeratorCancellation] CancellationToken ct)
    {
        using var bundle = new BundleWriter("batch-response", clock.GetUtcNow());
        var held = 0L;
        foreach (var entry in entries)
        {
            var reply = entry.Fault is not null ? FhirReply.Refuse(entry.Fault)
                : ct.IsCancellationRequested ? OutOfTime(entry)
                : BundleLimits.IsFull(held, entry.Request!) ? FhirReply.Refuse(BundleLimits.Full().InEntry(entry.Index))
                : await HandleAsync(entry, entry.Request! with { Idempotency = KeyOf(request, entry) }, ct);
            entry.Answer(bundle, reply, request.BaseUrl);
            var answer = bundle.Take();
            held += answer.Held;
            yield return answer;
        }

        yield return bundle.Finish();
    }

    // Updates and deletes, too: done again they could undo what others did in between.
    private static IdempotencyKey? KeyOf(FhirRequest request, BundleEntry entry) =>
        entry.Request!.Method is "POST" or "PUT" or "PATCH" or "DELETE" ? request.Idempotency?.OfEntry(entry.Index) : null;

    private async Task<FhirReply> HandleAsync(BundleEntry entry, FhirRequest request, CancellationToken ct)
    {
        try
        {
            return await interactions.Value.HandleAsync(request, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return OutOfTime(entry);
        }
        catch (Exception e)
        {
            // The entries before it are done and their answers on the way: this one fails alone.
            log.LogError(e, "Entry {Index} of a batch failed", entry.Index);
            return FhirReply.Refuse(StoreFailure.Of(e).InEntry(entry.Index));
        }
    }

    private static FhirReply OutOfTime(BundleEntry entry) =>
        FhirReply.Refuse(FhirFault.Of(FaultKind.Timeout, "The batch ran out of time before this entry; send it again.").InEntry(entry.Index));
}
