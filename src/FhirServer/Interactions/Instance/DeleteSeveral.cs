using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR conditional <c>delete</c> of all that a condition finds, in one commit, when <see cref="RecordRules.MostConditionalDeletes"/> allows it.</summary>
/// <remarks>
/// http.html#3.1.0.7.1, conditionalDelete = multiple. Replies 204, 400, 409 (others refer to one of them), 412 (more than the limit).
/// Cascades and dry runs are asked for as with <see cref="Delete"/>. Transactions stay with one match.
/// </remarks>
internal sealed class DeleteSeveral(ResourceWriter writer, ConditionResolver conditions, RecordRules rules, DeleteImpact impact)
{
    private readonly int most = Math.Clamp(rules.MostConditionalDeletes, 1, 1000);

    public bool IsOn => most > 1;

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var type = request.Target.Type!;
        var controls = DeleteControls.Read(request, rules);
        if (controls.Fault is not null)
            return FhirReply.Refuse(controls.Fault);
        if (controls.Condition.Count == 0)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"A delete names its resource: DELETE [base]/{type}/[id], or a condition behind '?'."));
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var version))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));

        if (controls.IsDryRun)
        {
            var (found, fault) = await FindAsync(type, controls.Condition, version, request.Caller, ct);
            return fault is not null ? FhirReply.Refuse(fault) : await impact.ReplyAsync([.. found.Matches.Select(m => m.Key)], request.Caller, ct);
        }

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var (condition, fault) = await FindAsync(type, controls.Condition, version, request.Caller, ct);
            if (fault is not null)
                return new WriteResult.Refused(fault);

            var intents = condition.Matches.Select((m, i) =>
                new WriteIntent(m.Key, "DELETE") { IfMatch = version, Cascade = controls.IsCascade, Precondition = i == 0 ? condition.Precondition : null, Entry = request.Entry });
            return await writer.WriteAsync([.. intents], Links.None, request.Caller, ct);
        }, ct);
        if (refusal is not null)
            return FhirReply.Refuse(refusal);
        return request.Prefer.Return == "OperationOutcome"
            ? new FhirReply(200) { Json = WriteReply.Success($"{outcomes!.Count} resources deleted.") }
            : new FhirReply(204);
    }

    private async Task<(Condition Found, FhirFault? Fault)> FindAsync(
        string type, IReadOnlyList<KeyValuePair<string, string>> asked, int? version, Caller caller, CancellationToken ct)
    {
        var found = await conditions.ResolveAsync(type, asked, most, caller, ct);
        if (found.Fault is null && found.Matches.Count > most)
            return (found, FhirFault.Of(FaultKind.PreconditionFailed,
                $"The condition finds more than the {most} resources that one delete may take away. Narrow it, or delete in parts.", code: "multiple-matches"));
        if (found.Fault is null && version is not null && found.Matches.Count > 1)
            return (found, FhirFault.Of(FaultKind.PreconditionFailed, "If-Match names one version, but the condition finds several resources.", code: "multiple-matches"));
        return (found, found.Fault);
    }
}
