using FhirEmr.BillingBridge;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Reads the change feed and bills every Encounter that becomes <c>finished</c> here.</summary>
/// <remarks>
/// An encounter that arrives finished (imported history, another EHR's record) was or will be billed elsewhere: it is billed on request
/// only. Reading the feed twice is harmless, because billing an encounter twice gives the first claim.
/// </remarks>
internal sealed class EncounterWatch(IResourceStore store, ClaimPipeline pipeline, BillingCursor cursor, ILogger<EncounterWatch> log)
{
    private const int ChangesAtOnce = 500;

    /// <summary>Works off what was committed since the last run; returns how many encounters were billed.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var position = await cursor.ReadAsync(ct);
        var billed = 0;
        while (true)
        {
            var changes = await store.ChangesAsync(position, ChangesAtOnce, ct);
            if (changes.Count == 0)
                return billed;

            var before = billed;
            foreach (var change in changes)
            {
                position = change.Sequence;
                if (change.Key.Type != "Encounter" || change.Version < 2 || !await BecameFinishedAsync(change, ct))
                    continue;

                var result = await pipeline.RunAsync(change.Key.Id, null, ct);
                billed++;
                if (result is ClaimResult.Refused or ClaimResult.NothingBillable)
                    log.LogWarning("Encounter {Id} finished but made no claim ({Result}); POST Encounter/{Id}/$claim tells why", change.Key.Id, result.GetType().Name, change.Key.Id);
            }

            // Written only when something of these was billed: the cursor is itself a change, and must not keep the feed going.
            if (billed > before)
                await cursor.WriteAsync(position, ct);
            else
                cursor.Remember(position);
        }
    }

    private async Task<bool> BecameFinishedAsync(Change change, CancellationToken ct) =>
        await StatusAsync(change.Key, change.Version, ct) == "finished" && await StatusAsync(change.Key, change.Version - 1, ct) is not (null or "finished");

    private async Task<string?> StatusAsync(ResourceKey key, int version, CancellationToken ct)
    {
        var stored = await store.ReadVersionAsync(key, version, AccessPlan.Everything, ct);
        return stored is null or { IsDeleted: true } ? null : FhirJsonReader.Read(stored.Json, out _)?.Root.TextOf("status");
    }
}
