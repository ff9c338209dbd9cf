using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Type;

/// <summary>FHIR <c>create</c>: a new resource under an id of ours, or with If-None-Exist only when nothing matches.</summary>
/// <remarks>http.html#create, #ccreate. Replies 201, 200 (it exists already), 400, 412, 422.</remarks>
internal sealed class Create(ResourceWriter writer, ConditionResolver conditions, IResourceStore store, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (BodyFault(request) is { } fault)
            return FhirReply.Refuse(fault);

        if (request.Idempotency is { Written.IsEmpty: false })
            return WriteReply.For((await KeptReply.OutcomesAsync(store, request, 1, ct))[0]!, request.Prefer);

        StoredResource? existing = null;
        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var (intent, match, unresolved) = await IntentAsync(request, ct);
            existing = match?.Resource;
            if (unresolved is not null)
                return new WriteResult.Refused(unresolved);
            if (intent is null && request.Idempotency is null)
                return new WriteResult.Done([]);
            var terms = SingleWrite.Terms(request, existing, clock);
            return await writer.WriteAsync(intent is null ? [] : [intent], new Links(request.BaseUrl), request.Caller, terms, ct);
        }, ct);
        if (refusal is not null)
            return FhirReply.Refuse(refusal);

        return WriteReply.For(outcomes is [var outcome] ? outcome : new(WriteKind.Unchanged, existing), request.Prefer);
    }

    /// <summary>What to write, or the resource that matches already.</summary>
    public async Task<(WriteIntent? Intent, FoundResource? Existing, FhirFault? Fault)> IntentAsync(FhirRequest request, CancellationToken ct)
    {
        var intent = new WriteIntent(new(request.Target.Type!, NewId.Next()), "POST") { Body = request.Body, IsNewId = true, Entry = request.Entry };
        if (request.Headers.IfNoneExist is not { } criteria)
            return (intent, null, null);

        var query = QueryString.Parse(criteria.TrimStart('?'));
        var condition = await conditions.ResolveAsync(request.Target.Type!, query, request.Caller, ct);
        if (condition.Fault is not null)
            return (null, null, condition.Fault);

        return condition.Matches switch
        {
            [] => (intent with { Precondition = condition.Precondition }, null, null),
            [var match] => (null, new(match, condition.Precondition!), null),
            _ => (null, null, ConditionResolver.Several(request.Target.Type!, query)),
        };
    }

    public static FhirFault? BodyFault(FhirRequest request)
    {
        if (!request.Body.Exists)
            return FhirFault.Of(FaultKind.Invalid, "A create needs the resource as its body.", code: "required");
        return request.Body.Type.Name == request.Target.Type ? null
            : FhirFault.Of(FaultKind.Invalid, $"The address names {request.Target.Type}, but the body is a {request.Body.Type.Name}.", "Resource.resourceType");
    }
}

/// <summary>What an If-None-Exist found instead of creating, and the search that must still find just that when a transaction rests on it.</summary>
internal sealed record FoundResource(StoredResource Resource, Precondition Precondition);
