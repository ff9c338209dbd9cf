using FhirEmr.FhirServer.Interactions.Patching;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>patch</c>: operations on the current version, by id or by a condition that finds one resource.</summary>
/// <remarks>http.html#patch. Replies 200, 400, 404, 410, 412, 415, 422. A patch that changes nothing makes no version.</remarks>
internal sealed class Patch(IResourceStore store, ResourceWriter writer, ConditionResolver conditions, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var (patch, fault) = Document(request);
        if (patch is null)
            return FhirReply.Refuse(fault!);

        if (request.Idempotency is { Written.IsEmpty: false })
            return WriteReply.For((await KeptReply.OutcomesAsync(store, request, 1, ct))[0]!, request.Prefer);

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var (intent, unresolved) = await IntentAsync(request, patch, ct);
            return intent is null ? new WriteResult.Refused(unresolved!) : await writer.WriteAsync(
                [intent], new Links(request.BaseUrl), request.Caller, SingleWrite.Terms(request, null, clock), ct);
        }, ct);
        return refusal is null ? WriteReply.For(outcomes![0], request.Prefer) : FhirReply.Refuse(refusal);
    }

    /// <summary>The patch sent, or what is wrong with it whatever the resource.</summary>
    private static (PatchDocument? Patch, FhirFault? Fault) Document(FhirRequest request)
    {
        var target = request.Target;
        if (target.Id is null && request.Query.Count == 0)
            return (null, FhirFault.Of(FaultKind.Invalid, $"A patch names its resource: PATCH [base]/{target.Type}/[id], or a condition behind '?'."));
        return PatchDocument.Read(request);
    }

    /// <summary>What is wrong with the request whatever the resource; null for nothing.</summary>
    public static FhirFault? BodyFault(FhirRequest request) => Document(request).Fault;

    /// <summary>What to write; used for the PATCH entries of a transaction.</summary>
    public async Task<(WriteIntent? Intent, FhirFault? Fault)> IntentAsync(FhirRequest request, CancellationToken ct)
    {
        var (patch, fault) = Document(request);
        return patch is null ? (null, fault) : await IntentAsync(request, patch, ct);
    }

    /// <summary>The patched current version.</summary>
    private async Task<(WriteIntent? Intent, FhirFault? Fault)> IntentAsync(FhirRequest request, PatchDocument patch, CancellationToken ct)
    {
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var version))
            return (null, FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));

        var (current, precondition, fault) = await FindAsync(request, ct);
        if (current is null)
            return (null, fault);
        if (version is { } wanted && wanted != current.Version)
            return (null, FhirFault.VersionMismatch(current.Key, wanted, current.Version));

        if (current.Key.Type == "Binary" && ContentPointer.Find(current.Json.Span, out _, out _) is not null)
            return (null, FhirFault.Of(FaultKind.Unprocessable,
                $"The content of {current.Key} is too large to patch: it lies beside the resource. PUT it anew; $meta-add and $meta-delete change its labels.", "Binary.data", "not-supported"));

        // Applied to what is stored, withheld elements and all: the writer sees to it that those stay as they are. The version is the one that was looked at above: of a newer one the writer
        // says that it came in between.
        var seen = current.Version;
        if (request.Caller.Access.HasMasks)
            current = await store.ReadAsync(current.Key, SystemPlans.Writing, ct) is { IsDeleted: false } whole ? whole : current;
        var (resource, wrong) = patch.ApplyTo(current);
        if (wrong is not null)
            return (null, wrong);
        return (new WriteIntent(current.Key, "PATCH") { Body = resource, BasedOn = seen, Precondition = precondition, Entry = request.Entry }, null);
    }

    private async Task<(StoredResource? Current, Storage.Commit.Precondition? Precondition, FhirFault? Fault)> FindAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (target.Id is not null)
        {
            return await store.ReadAsync(target.Key, request.Caller.Access, ct) switch
            {
                null => (null, null, FhirFault.NotFound(target.Key)),
                { IsDeleted: true } => (null, null, FhirFault.Gone(target.Key)),
                var found => (found, null, null),
            };
        }

        var condition = await conditions.ResolveAsync(target.Type!, request.Query, request.Caller, ct);
        if (condition.Fault is not null)
            return (null, null, condition.Fault);
        return condition.Matches switch
        {
            [] => (null, null, FhirFault.Of(FaultKind.NotFound,
                $"The condition {target.Type}?{Search.Query.QueryString.Format(request.Query)} finds nothing to patch.")),
            [var match] => (match, condition.Precondition, null),
            _ => (null, null, ConditionResolver.Several(target.Type!, request.Query)),
        };
    }
}
