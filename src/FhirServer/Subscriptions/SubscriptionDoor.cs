using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Subscriptions at the door: one that could not be served is not stored, and one that is stored is begun in the same commit (security.md S-40).</summary>
internal sealed class SubscriptionDoor(IResourceStore store, Interests interests, Channels channels, EventBell bell, IServerIdentity server) : IWriteDoor
{
    public bool Watches(string type) => type == "Subscription";

    public async Task<FhirFault?> CheckAsync(ResourceKey? at, ReadOnlyMemory<byte> json, Caller caller, CancellationToken ct)
    {
        if (!IsWanted(json))
            return null; // whatever it says, nobody is told
        var (request, unreadable) = SubscriptionRequest.Read(json);
        if (request is null)
            return unreadable;
        var (_, refused) = await interests.ReadAsync(request, caller.Access, server.FhirBase, ct);
        if (refused is not null)
            return refused;
        return await channels.FaultAsync(request, ct) is { } fault ? FhirFault.Of(FaultKind.Unprocessable, fault, "Subscription.channel.endpoint") : null;
    }

    public async ValueTask<IEnumerable<PlanStatement>> BesideAsync(ResourceKey key, long sid, int version, ReadOnlyMemory<byte> json, Caller caller, bool isBrought, CancellationToken ct)
    {
        if (SubscriptionRecords.IsOwn(caller))
            return [];
        if (json.IsEmpty)
            return SubscriptionSql.Forget(sid);

        // What an import or the server itself brings was asked for elsewhere, by others: it is begun when somebody here writes it, with their rights.
        var state = !isBrought && !caller.IsSystem && SubscriptionRequest.Read(json).Request is { IsWanted: true } ? SubscriptionState.Requested : SubscriptionState.Off;
        return SubscriptionSql.Write(new(
            sid, key.Id, version, state, (await store.FeedHeadAsync(SystemPlans.Subscriptions, ct)).Sequence, 0, state == SubscriptionState.Off ? Delivery.Never : 0, 0, 0, SubscriptionOwner.Of(caller).Write(), ""));
    }

    private static bool IsWanted(ReadOnlyMemory<byte> json) => FhirJsonReader.Read(json, out _)?.Root.TextOf("status") is "requested" or "active";

    public void Stored() => bell.RingForAll();
}
