using System.Runtime.CompilerServices;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>batch</c>: independent requests in one round trip; one that fails touches no other.</summary>
/// <remarks>http.html#brules. Every entry answers for itself, with an OperationOutcome when refused. Answers are sent as they are worked out.</remarks>
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
        foreach (var entry in entries)
        {
            var reply = entry.Fault is not null ? FhirReply.Refuse(entry.Fault)
                : ct.IsCancellationRequested ? OutOfTime(entry)
                : await HandleAsync(entry, ct);
            var isOutcome = reply.Fault is not null;
            bundle.Entry(null, isOutcome || reply.Body is not null ? default : reply.Json, parts: reply.Body, response: new(reply.Status,
                reply.Location is null ? null : $"{request.BaseUrl}/{reply.Location}", reply.Version, reply.LastModified, isOutcome ? reply.Json : default));
            yield return bundle.Take();
        }

        yield return bundle.Finish();
    }

    private async Task<FhirReply> HandleAsync(BundleEntry entry, CancellationToken ct)
    {
        try
        {
            return await interactions.Value.HandleAsync(entry.Request!, ct);
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
