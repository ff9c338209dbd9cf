using System.Text.Json;
using System.Text.Json.Serialization;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What those who wrote subscriptions may now; asked of whoever knows users and clients.</summary>
internal interface ISubscriptionOwners
{
    /// <summary>The plan of today, no older than a few seconds; null when the user or the client was disabled or is gone (security.md S-40).</summary>
    ValueTask<AccessPlan?> PlanAsync(Principal principal, CancellationToken ct);
}

/// <summary>Who wrote a subscription, as it is kept beside it.</summary>
/// <param name="Name">Of the caller.</param>
/// <param name="Principal">Null for the server itself.</param>
internal sealed record SubscriptionOwner(string Name, Principal? Principal, bool IsSystem)
{
    public static SubscriptionOwner Of(Caller caller) => new(caller.Name, caller.Principal, caller.Principal is null && caller.Access.IsEverything);

    /// <summary>The same for the same user with the same app and patient; whoever else writes as that user has another, since their token may say otherwise.</summary>
    [JsonIgnore]
    public string Identity => JsonSerializer.Serialize(new[] { IsSystem ? "system" : "", Principal is null ? Name : null, Principal?.ClientId, Principal?.UserId, Principal?.Patient });

    public static SubscriptionOwner Read(string json) => JsonSerializer.Deserialize<SubscriptionOwner>(json)!;

    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>Null when they may nothing at all any more.</summary>
    public async ValueTask<Caller?> CallerAsync(ISubscriptionOwners owners, CancellationToken ct)
    {
        if (Principal is null)
            return IsSystem ? Caller.System with { Name = Name } : null;
        return await owners.PlanAsync(Principal, ct) is { } plan ? new Caller(Name, plan) { Principal = Principal } : null;
    }
}
