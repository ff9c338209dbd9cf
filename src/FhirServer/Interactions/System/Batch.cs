using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>batch</c>: independent requests in one round trip; one that fails touches no other.</summary>
/// <remarks>http.html#brules. Every entry answers for itself, with an OperationOutcome when refused.</remarks>
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
                : await interactions.Value.HandleAsync(entry.Request!, ct);
            var isOutcome = reply.Fault is not null;
            bundle.Entry(null, isOutcome ? default : reply.Json, response: new(reply.Status,
                reply.Location is null ? null : $"{request.BaseUrl}/{reply.Location}", reply.Version, reply.LastModified, isOutcome ? reply.Json : default));
        }

        return new FhirReply(200) { Json = bundle.Finish() };
    }
}
