using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>read</c>: the current version of one resource.</summary>
/// <remarks>http.html#read, #cread; <c>_elements</c> and <c>_summary</c> give a part. Replies 200, 304, 404, 410.</remarks>
internal sealed class Read(IResourceStore store)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var key = request.Target.Key;
        var (subset, fault) = SubsetChoice.Read(request.Query);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var found = await store.ReadAsync(key, request.Caller.Access, ct);
        if (found is null)
            return FhirReply.Refuse(FhirFault.NotFound(key));
        if (found.IsDeleted)
            return FhirReply.Refuse(FhirFault.Gone(key)) with { Location = $"{key}/_history/{found.Version}" };

        var notModified = ConditionalHeaders.Lists(request.Headers.IfNoneMatch, found.Version)
            || (request.Headers.IfNoneMatch is null && request.Headers.IfModifiedSince is { } since && found.LastUpdated.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds());
        return notModified
            ? new FhirReply(304) { Version = found.Version, LastModified = found.LastUpdated }
            : FhirReply.Ok(found) with { Json = FhirFormats.Shown(found.Json, subset) };
    }
}
