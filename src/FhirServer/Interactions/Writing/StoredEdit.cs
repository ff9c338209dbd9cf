using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>A change of the current version's JSON by an operation: an update like any other, of a resource that was not sent.</summary>
internal sealed class StoredEdit(IResourceStore store, ResourceWriter writer)
{
    /// <summary>Changes the resource that the request names. Of two at once both come through, one on the other's version.</summary>
    /// <param name="change">Changes the JSON, and may be asked again on a newer version; or says why it may not be.</param>
    /// <param name="terms">What is kept with the write for repeats of the request.</param>
    public async Task<(WriteOutcome? Outcome, FhirFault? Fault)> RunAsync(FhirRequest request, Func<JsonMembers, FhirFault?> change, CommitTerms terms, CancellationToken ct)
    {
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var wanted))
            return (null, FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));
        var (key, access) = (request.Target.Key, request.Caller.Access);
        if (!access.Of(key.Type).Allows(Interaction.Update))
            return (null, FhirFault.Of(FaultKind.Forbidden, $"You may not update {key.Type}."));

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var current = await store.ReadAsync(key, access, ct);
            if (current is null or { IsDeleted: true })
                return new WriteResult.Refused(current is null ? FhirFault.NotFound(key) : FhirFault.Gone(key));
            if (wanted is { } version && version != current.Version)
                return new WriteResult.Refused(FhirFault.VersionMismatch(key, version, current.Version));

            // On what is stored, withheld elements and all: the writer sees to it that those stay as they are.
            if (access.HasMasks)
            {
                if (await store.ReadAsync(key, SystemPlans.Writing, ct) is not { IsDeleted: false } whole || whole.Version != current.Version)
                    return new WriteResult.Stale(key.ToString()); // what was looked at is not there any more
                current = whole;
            }

            var resource = (JsonMembers)JsonValue.Parse(current.Json.Span);
            if (change(resource) is { } why)
                return new WriteResult.Refused(why);
            resource.Prune();
            var tree = FhirJsonReader.Read(resource.ToBytes(), out var issues);
            return tree is null || issues.Count > 0
                ? new WriteResult.Refused(FhirFault.Structure(issues) with { Kind = FaultKind.Unprocessable })
                : await writer.WriteAsync([new WriteIntent(key, "PUT") { Body = tree.Root, BasedOn = current.Version }], Links.None, request.Caller, terms, ct);
        }, ct);
        return (outcomes?[0], refusal);
    }
}
