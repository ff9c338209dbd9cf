using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>batch</c>: independent requests in one round trip; one that fails touches no other.</summary>
/// <remarks>http.html#brules. Every entry answers for itself, with an OperationOutcome when refused. Under an Idempotency-Key each entry is kept for itself.</remarks>
internal sealed class Batch(Lazy<FhirInteractions> interactions, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var entries = BundleEntry.ReadAll(request);
        if (BundleLimits.Fault(entries.Count) is { } fault)
            return FhirReply.Refuse(fault);

        using var bundle = new BundleWriter("batch-response", clock.GetUtcNow());
        foreach (var entry in entries)
        {
            var reply = entry.Fault is not null
                ? FhirReply.Refuse(entry.Fault)
                : await interactions.Value.HandleAsync(entry.Request! with { Idempotency = KeyOf(request, entry) }, ct);
            entry.Answer(bundle, reply, request.BaseUrl);
        }

        return new FhirReply(200) { Json = bundle.Finish() };
    }

    // Updates and deletes, too: done again they could undo what others did in between.
    private static IdempotencyKey? KeyOf(FhirRequest request, BundleEntry entry) =>
        entry.Request!.Method is "POST" or "PUT" or "PATCH" or "DELETE" ? request.Idempotency?.OfEntry(entry.Index) : null;
}
