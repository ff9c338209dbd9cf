using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>vread</c>: one version of one resource.</summary>
/// <remarks>http.html#vread; <c>_elements</c> and <c>_summary</c> give a part. Replies 200, 404, and 410 for the version that is a deletion.</remarks>
internal sealed class Vread(IResourceStore store)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (key, version) = (request.Target.Key, request.Target.Version!.Value);
        var (subset, fault) = SubsetChoice.Read(request);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        return await store.ReadVersionAsync(key, version, request.Caller.Access, ct) switch
        {
            null => FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"{key} has no version {version} here.")),
            { IsDeleted: true } => FhirReply.Refuse(FhirFault.Of(FaultKind.Deleted, $"Version {version} of {key} is its deletion: it has no content.")),
            var found => Shown(request, found, subset),
        };
    }

    private static FhirReply Shown(FhirRequest request, StoredResource found, SubsetChoice? subset)
    {
        if (subset is not null)
            request.Caller.Trail?.Saw(found.Key, found.Json.Span);
        return FhirReply.Ok(found) with { Json = FhirFormats.Shown(found.Json, subset) };
    }
}
