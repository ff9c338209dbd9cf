using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>What whoever runs an import gives to each of its steps.</summary>
/// <param name="Id">The job.</param>
/// <param name="CallerAsync">Who asked, with the rights of now; an <see cref="ImportFaultException"/> when they are no longer those it was accepted under.</param>
/// <param name="Checkpoint">How far it is, to be committed with what got it there; the plan is stale when the job is no longer this worker's.</param>
/// <param name="CommittedAsync">After each commit: waits while there is no room.</param>
internal sealed record ImportStep(string Id, Func<CancellationToken, ValueTask<Caller>> CallerAsync, Func<ImportProgress, PlanStatement> Checkpoint, Func<CancellationToken, Task> CommittedAsync)
{
    /// <summary>The caller with a trail: what is written has its rows in the audit, under the job as their request.</summary>
    public async ValueTask<Caller> AuditedAsync(Caller caller, AuditLog audit)
    {
        if (!audit.IsEnabled)
            return caller;
        await audit.ReadyAsync();
        return caller with { Trail = AuditTrail.Of(audit, caller, null, Id) };
    }
}

/// <summary>The job is no longer this worker's: it was given up, or another one has it.</summary>
internal sealed class ImportLostException() : OperationCanceledException("The import is no longer this worker's.");
