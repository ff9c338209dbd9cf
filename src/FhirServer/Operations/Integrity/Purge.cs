using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary><c>$purge</c> of one resource, for good; of a Patient with everything that is theirs.</summary>
/// <remarks>
/// Afterwards the id is unknown (404, not 410), and who writes it again begins at version 1. Refused with 409 while resources outside refer
/// to what would go, unless deletions may leave references dangling; those are then listed. Token texts that only it used stay: they are
/// shared by hash and lead to no one. A second call answers 200 and purges nothing.
/// </remarks>
internal sealed class Purge(IResourceStore store, Purging purging, RecordRules rules)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (OperationInput.Read(request).Fault is { } fault)
            return FhirReply.Refuse(fault);

        var key = request.Target.Key;
        if (!request.Caller.Access.Of(key.Type).Allows(Interaction.Delete))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"You may not delete {key.Type}."));
        var state = (await store.LookUpAsync([key], withBodies: false, request.Caller.Access, ct))[0];
        if (!state.IsKnown || state.Version == 0)
            return await IsPurgedAsync(key, ct)
                ? Answer(0, new([], []), $"{key} was purged before: nothing of it is here.")
                : FhirReply.Refuse(FhirFault.NotFound(key));

        if (key.Type == AuditRules.Type)
            return FhirReply.Refuse(AuditRules.IsKept(key));

        var referrers = await purging.ReferrersAsync(key, state.Sid, ct);
        if (referrers.Total > 0 && rules.OnDeleteReferenced != OnDeleteReferenced.Ignore)
            return FhirReply.Refuse(new(FaultKind.Conflict,
            [
                new("conflict", $"{key} cannot be purged: resources outside refer to it or to what is theirs ({string.Join(", ", referrers.Counts.Select(c => $"{c.Count} {c.Type}"))}). Change or purge them first."),
                .. request.Caller.Access.IsEverything ? referrers.Some.Select(r => new FaultIssue("conflict", $"{r.Key} refers to it.")) : [],
            ]));

        // Once begun it goes on without its caller: what is half purged must not stay so.
        var (purged, isStale) = await purging.RunAsync(key, state.Sid, request.Caller, CancellationToken.None);
        return isStale
            ? FhirReply.Refuse(FhirFault.Busy($"{key}, or what refers to it,"))
            : Answer(purged, referrers, $"{purged} resources were purged with their history. Texts of codes and identifiers that only they used stay in the dictionary of token texts.");
    }

    private async Task<bool> IsPurgedAsync(ResourceKey key, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Integrity, ct);
        return (await session.QueryAsync(PurgeSql.IsPurged(store.Dialect, ColumnRows.DigestOf(key)), r => r.Int64(0), ct))[0] > 0;
    }

    private static FhirReply Answer(long purged, Referrers referrers, string text)
    {
        var answer = new Parameters();
        answer.Parameter.Add(new() { Name = "purged", Value = new Integer((int)purged) });
        foreach (var referrer in referrers.Some)
            answer.Parameter.Add(new() { Name = "danglingReference", Value = new ResourceReference(referrer.Key.ToString()) });
        answer.Parameter.Add(new() { Name = "text", Value = new FhirString(text) });
        return FhirReply.Of(answer);
    }
}
