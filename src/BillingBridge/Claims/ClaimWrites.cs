using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>What claims and worklists put into a transaction.</summary>
internal static class ClaimWrites
{
    /// <summary>A claim that changed, as read before, and a Provenance for every stage it went through.</summary>
    public static void Write(this FhirTransaction transaction, StageWalk walk)
    {
        transaction.Update(walk.Current);
        walk.Provenances.ForEach(transaction.Put);
    }

    /// <summary>A claim under an id of our choice that nobody has yet, and a Provenance for every stage it went through.</summary>
    public static void PutNew(this FhirTransaction transaction, StageWalk walk)
    {
        transaction.Put(walk.Current);
        walk.Provenances.ForEach(transaction.Put);
    }

    /// <summary>A piece of work, once.</summary>
    public static void Add(this FhirTransaction transaction, WorklistTask task, DateTimeOffset now) =>
        transaction.CreateOnce(task.ToResource(DateOnly.FromDateTime(now.DateTime), now), task.Key);
}
