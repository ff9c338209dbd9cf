using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.Instance;

/// <summary>FHIR conditional <c>delete</c> of all that a condition finds, in one commit, when <see cref="RecordRules.MostConditionalDeletes"/> allows it.</summary>
/// <remarks>http.html#3.1.0.7.1, conditionalDelete = multiple. Replies 204, 400, 412 (more than the limit). Transactions stay with one match.</remarks>
internal sealed class DeleteSeveral(ResourceWriter writer, ConditionResolver conditions, RecordRules rules)
{
    private readonly int most = Math.Clamp(rules.MostConditionalDeletes, 1, 1000);

    public bool IsOn => most > 1;

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var type = request.Target.Type!;
        if (request.Query.Count == 0)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"A delete names its resource: DELETE [base]/{type}/[id], or a condition behind '?'."));
        if (!ConditionalHeaders.TryVersion(request.Headers.IfMatch, out var version))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "If-Match must be a weak ETag such as W/\"3\"."));

        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            var condition = await conditions.ResolveAsync(type, request.Query, most, request.Caller, ct);
            if (condition.Fault is not null)
                return new WriteResult.Refused(condition.Fault);
            if (condition.Matches.Count > most)
                return new WriteResult.Refused(FhirFault.Of(FaultKind.PreconditionFailed,
                    $"The condition finds more than the {most} resources that one delete may take away. Narrow it, or delete in parts.", code: "multiple-matches"));
            if (version is not null && condition.Matches.Count > 1)
                return new WriteResult.Refused(FhirFault.Of(FaultKind.PreconditionFailed, "If-Match names one version, but the condition finds several resources.", code: "multiple-matches"));

            var intents = condition.Matches.Select((m, i) =>
                new WriteIntent(m.Key, "DELETE") { IfMatch = version, Precondition = i == 0 ? condition.Precondition : null, Entry = request.Entry });
            return await writer.WriteAsync([.. intents], Links.None, request.Caller, ct);
        }, ct);
        if (refusal is not null)
            return FhirReply.Refuse(refusal);
        return request.Prefer.Return == "OperationOutcome"
            ? new FhirReply(200) { Json = WriteReply.Success($"{outcomes!.Count} resources deleted.") }
            : new FhirReply(204);
    }
}
