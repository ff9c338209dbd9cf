using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>update</c>: a new current version, by id or by condition; creates where there was none.</summary>
/// <remarks>http.html#update, #upsert, #cond-update. Replies 200, 201, 400, 412, 422. An update that changes nothing makes no version.</remarks>
internal sealed class Update(ResourceWriter writer, ConditionResolver conditions, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (BodyFault(request) is { } fault)
            return FhirReply.Refuse(fault);

        if (request.Idempotency is { Written.IsEmpty: false })
            return WriteReply.For((await KeptReply.OutcomesAsync(store, request, 1, ct))[0]!, request.Prefer);

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var (intent, unresolved) = await IntentAsync(request, ct);
            return intent is null ? new WriteResult.Refused(unresolved!) : await writer.WriteAsync(
                [intent], new Links(request.BaseUrl), request.Caller, SingleWrite.Terms(request, null, clock), ct);
        }, ct);
        return refusal is null ? WriteReply.For(outcomes![0], request.Prefer) : FhirReply.Refuse(refusal);
    }

    /// <summary>What the request asks to write; also used for the PUT entries of a transaction.</summary>
    public async Task<(WriteIntent? Intent, FhirFault? Fault)> IntentAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var version))
            return (null, FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));

        var bodyId = request.Body.TextOf("id");
        if (target.Id is not null)
        {
            return (new WriteIntent(target.Key, "PUT")
            {
                Body = request.Body,
                IfMatch = version,
                MustNotExist = request.Headers.IfNoneMatch?.Trim() == "*",
                Entry = request.Entry,
            }, null);
        }

        var condition = await conditions.ResolveAsync(target.Type!, request.Query, request.Caller, ct);
        if (condition.Fault is not null)
            return (null, condition.Fault);
        switch (condition.Matches)
        {
            case []:
                var fresh = bodyId is null;
                return (new WriteIntent(new(target.Type!, bodyId ?? NewId.Next()), fresh ? "POST" : "PUT")
                {
                    Body = request.Body,
                    IsNewId = fresh,
                    IfMatch = version,
                    MustNotExist = !fresh,
                    Precondition = condition.Precondition,
                    Entry = request.Entry,
                }, null);
            case [var match]:
                if (bodyId is not null && bodyId != match.Key.Id)
                    return (null, FhirFault.Of(FaultKind.Invalid, $"The condition finds {match.Key}, but the body has id '{bodyId}'. Leave the id out, or send it to its own address.", $"{target.Type}.id"));
                return (new WriteIntent(match.Key, "PUT")
                {
                    Body = request.Body,
                    IfMatch = version,
                    MustNotExist = request.Headers.IfNoneMatch?.Trim() == "*",
                    Precondition = condition.Precondition,
                    Entry = request.Entry,
                }, null);
            default:
                return (null, ConditionResolver.Several(target.Type!, request.Query));
        }
    }

    public static FhirFault? BodyFault(FhirRequest request)
    {
        var (target, body) = (request.Target, request.Body);
        if (!body.Exists)
            return FhirFault.Of(FaultKind.Invalid, "An update needs the resource as its body.", code: "required");
        if (body.Type.Name != target.Type)
            return FhirFault.Of(FaultKind.Invalid, $"The address names {target.Type}, but the body is a {body.Type.Name}.", "Resource.resourceType");
        if (IsSubsetted(body))
            return FhirFault.Of(FaultKind.Unprocessable, "The body is tagged SUBSETTED: it is part of a resource, and storing it would lose the rest.", $"{target.Type}.meta.tag");
        if (target.Id is null)
            return request.Query.Count > 0 ? null : FhirFault.Of(FaultKind.Invalid, $"An update names its resource: PUT [base]/{target.Type}/[id], or a condition behind '?'.");

        return body.TextOf("id") switch
        {
            null => FhirFault.Of(FaultKind.Invalid, $"The body must carry the id of its address: \"id\": \"{target.Id}\".", $"{target.Type}.id", "required"),
            var id when id != target.Id => FhirFault.Of(FaultKind.Invalid, $"The address says id '{target.Id}', the body says '{id}'.", $"{target.Type}.id"),
            _ => null,
        };
    }

    private static bool IsSubsetted(FhirNode body)
    {
        var meta = body.Child("meta");
        if (!meta.Exists)
            return false;
        foreach (var child in meta.Children)
            if (child.NameId == FhirNames.Id("tag") && child.TextOf("code") == "SUBSETTED" && child.TextOf("system") == "http://terminology.hl7.org/CodeSystem/v3-ObservationValue")
                return true;
        return false;
    }
}
