using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>read</c>: the current version of one resource, or with <c>_asOf</c> the one that was current at an instant.</summary>
/// <remarks>http.html#read, #cread; <c>_elements</c> and <c>_summary</c> give a part. Replies 200, 304, 404, 410.</remarks>
internal sealed class Read(IResourceStore store, IPast past)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var key = request.Target.Key;
        var (subset, fault) = SubsetChoice.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        var (instant, unreadable) = AsOf.Read(request);
        if (unreadable is not null)
            return FhirReply.Refuse(unreadable);
        if (instant is { } asked)
            instant = await past.SettleAsync(asked, ct);
        var found = instant is { } then
            ? await past.ReadAsync(key, then, request.Caller.Access, ct)
            : await store.ReadAsync(key, request.Caller.Access, ct);
        if (found is null)
            return FhirReply.Refuse(instant is { } before ? FhirFault.Of(FaultKind.NotFound, $"{key} was not here yet at {FhirInstant.Format(before)}.") : FhirFault.NotFound(key));
        if (found.IsDeleted)
            return FhirReply.Refuse(FhirFault.Gone(key)) with { Location = $"{key}/_history/{found.Version}" };

        var notModified = ConditionalHeaders.Lists(request.Headers.IfNoneMatch, found.Version)
            || (request.Headers.IfNoneMatch is null && request.Headers.IfModifiedSince is { } since && found.LastUpdated.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds());
        if (subset is not null)
            request.Caller.Trail?.Saw(found.Key, found.Json.Span);
        return notModified
            ? new FhirReply(304) { Version = found.Version, LastModified = found.LastUpdated }
            : FhirReply.Ok(found) with { Json = FhirFormats.Shown(found.Json, subset) };
    }
}
