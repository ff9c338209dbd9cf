using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR <c>delete</c>, by id or by a condition that matches at most one resource.</summary>
/// <remarks>
/// http.html#delete, #cdelete. The history stays; deleting what is gone answers 204 like the first time. What current resources refer to
/// is not deleted (409) unless <c>Records:OnDeleteReferenced</c> says so, or the request asks for a cascade and the setting allows it.
/// </remarks>
internal sealed class Delete(ResourceWriter writer, ConditionResolver conditions, RecordRules rules, DeleteImpact impact)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var controls = DeleteControls.Read(request, rules);
        if (controls.Fault is not null)
            return FhirReply.Refuse(controls.Fault);
        if (controls.IsDryRun)
        {
            var (intent, fault) = await IntentAsync(request, ct);
            return fault is not null ? FhirReply.Refuse(fault) : await impact.ReplyAsync(intent is null ? [] : [intent.Key], request.Caller, ct);
        }

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var (intent, fault) = await IntentAsync(request, ct);
            return fault is not null ? new WriteResult.Refused(fault) : await writer.WriteAsync(intent is null ? [] : [intent], Links.None, request.Caller, ct);
        }, ct);
        if (refusal is not null)
            return FhirReply.Refuse(refusal);

        return outcomes is [var outcome] ? WriteReply.For(outcome, request.Prefer) : new FhirReply(204);
    }

    /// <summary>What to delete; no intent and no fault when a condition matches nothing.</summary>
    public async Task<(WriteIntent? Intent, FhirFault? Fault)> IntentAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var version))
            return (null, FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));
        var controls = DeleteControls.Read(request, rules);
        if (controls.Fault is not null)
            return (null, controls.Fault);
        if (controls.IsDryRun && request.Entry is not null)
            return (null, FhirFault.Of(FaultKind.Invalid, "_dryRun cannot be part of a Bundle: ask $delete-impact of each resource."));
        if (target.Id is not null)
            return (new WriteIntent(target.Key, "DELETE") { IfMatch = version, Cascade = controls.IsCascade, Entry = request.Entry }, null);
        if (controls.Condition.Count == 0)
            return (null, FhirFault.Of(FaultKind.Invalid, $"A delete names its resource: DELETE [base]/{target.Type}/[id], or a condition behind '?'."));

        var condition = await conditions.ResolveAsync(target.Type!, controls.Condition, request.Caller, ct);
        if (condition.Fault is not null)
            return (null, condition.Fault);

        return condition.Matches switch
        {
            [] => (null, null),
            [var match] => (new WriteIntent(match.Key, "DELETE") { IfMatch = version, Cascade = controls.IsCascade, Precondition = condition.Precondition, Entry = request.Entry }, null),
            _ => (null, ConditionResolver.Several(target.Type!, controls.Condition)),
        };
    }
}
