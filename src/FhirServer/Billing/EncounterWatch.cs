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

    // Encounters that could not be billed for a fault of ours, by the change that asked for it; tried again at every run.
    private readonly SortedDictionary<long, string> failed = [];

    /// <summary>Changes read without billing anything before the position is kept: after a restart no more than these are read again.</summary>
    private const int ChangesBetweenMarks = 20_000;

    private int unmarked;

    /// <summary>Works off what was committed since the last run; returns how many encounters were billed.</summary>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var position = await cursor.ReadAsync(ct);
        var billed = 0;
        foreach (var (sequence, id) in failed.ToArray())
        {
            if (await BillAsync(sequence, id, ct))
                billed++;
        }

        while (true)
        {
            var changes = await store.ChangesAsync(position, ChangesAtOnce, SystemPlans.Billing, ct);
            if (changes.Count == 0)
                return billed;

            var billedHere = 0;
            foreach (var change in changes)
            {
                position = change.Sequence;
                if (change.Key.Type != "Encounter" || change.Version < 2 || !await BecameFinishedAsync(change, ct))
                    continue;

                if (await BillAsync(change.Sequence, change.Key.Id, ct))
                    billedHere++;
            }

            // Written when something of these was billed, and now and then: the cursor is itself a change, and must not keep the feed going.
            // After a restart the feed is read again from the first encounter that failed.
            billed += billedHere;
            unmarked += changes.Count;
            if (billedHere > 0 || unmarked >= ChangesBetweenMarks)
            {
                await cursor.WriteAsync(failed.Count > 0 ? Math.Min(failed.Keys.First() - 1, position) : position, ct);
                unmarked = 0;
            }

            cursor.Remember(position);
        }
    }

    // One encounter that fails must not keep the ones behind it, or the exchange with payers, waiting.
    private async Task<bool> BillAsync(long sequence, string id, CancellationToken ct)
    {
        try
        {
            var result = await pipeline.RunAsync(id, null, ct);
            failed.Remove(sequence);
            if (result is ClaimResult.Refused or ClaimResult.NothingBillable)
                log.LogWarning("Encounter {Id} finished but made no claim ({Result}); POST Encounter/{Id}/$claim tells why", id, result.GetType().Name, id);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed[sequence] = id;
            log.LogError(e, "Encounter {Id} could not be billed; the next turn tries again", id);
            return false;
        }
    }

    private async Task<bool> BecameFinishedAsync(Change change, CancellationToken ct) =>
        await StatusAsync(change.Key, change.Version, ct) == "finished" && await StatusAsync(change.Key, change.Version - 1, ct) is not (null or "finished");

    private async Task<string?> StatusAsync(ResourceKey key, int version, CancellationToken ct)
    {
        var stored = await store.ReadVersionAsync(key, version, SystemPlans.Billing, ct);
        return stored is null or { IsDeleted: true } ? null : FhirJsonReader.Read(stored.Json, out _)?.Root.TextOf("status");
    }
}
