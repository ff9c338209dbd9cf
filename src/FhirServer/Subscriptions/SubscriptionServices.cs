using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Subscriptions joined to this server's records.</summary>
internal static class SubscriptionServices
{
    /// <param name="door">The door that all interactions go through, as it will be.</param>
    public static void AddSubscriptions(this IServiceCollection services, IConfiguration configuration, Func<IServiceProvider, Func<FhirRequest, CancellationToken, Task<FhirReply>>> door)
    {
        services.AddOptions<SubscriptionOptions>().Bind(configuration.GetSection("Subscriptions")).Validate(o => o.Fault() is null, "Subscriptions: FirstRetry > 0, RetryFor >= FirstRetry, EventsKeptFor >= RetryFor.").ValidateOnStart();
        services.AddSingleton<CommitBell>();
        services.AddSingleton<EventBell>();
        services.AddSingleton<Interests>();
        services.AddSingleton<Destinations>();
        services.AddSingleton<Channels>();
        services.AddSingleton(sp => new SubscriptionRecords(door(sp)));
        services.AddSingleton<SubscriptionBook>();
        services.AddSingleton<Delivery>();
        services.AddSingleton<BindingTokens>();
        services.AddSingleton<SubscriptionSockets>();
        services.AddSingleton<SubscriptionOperations>();
        services.AddSingleton<IWriteDoor, SubscriptionDoor>();
        services.AddSingleton<ICapability, SubscriptionCapability>();
        if (!configuration.GetValue("Subscriptions:Deliver", true))
            return;
        services.AddHostedService<EventFeed>();
        services.AddHostedService<DeliveryWorker>();
    }
}
