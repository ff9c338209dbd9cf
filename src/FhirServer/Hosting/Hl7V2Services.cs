using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Sending;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>HL7 v2 in and out, from section <c>Hl7V2</c>.</summary>
internal static class Hl7V2Services
{
    private const string Section = "Hl7V2";

    public static IServiceCollection AddHl7V2(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(new MessageLimits(Bytes: configuration.GetValue($"{Section}:MaxMessageBytes", new MessageLimits().Bytes)));
        services.AddSingleton(sp => new SenderBook(configuration.GetSection($"{Section}:Senders").Get<Dictionary<string, SenderOptions>>() ?? [], sp.GetRequiredService<TimeZoneInfo>()));
        services.AddSingleton<PatientFinder>();
        services.AddSingleton<OrderFinder>();
        services.AddSingleton<Reception>();
        services.AddSingleton<Replay>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton(sp => new OrderOperation(sp.GetRequiredService<FhirInteractions>(), sp.GetRequiredService<IResourceStore>(), Destinations(configuration), sp.GetRequiredService<OutboxSignal>(), sp.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>What only a server does, beside commands.</summary>
    public static IServiceCollection AddHl7V2Listeners(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ListenerCallers>();
        services.AddSingleton(sp => new MllpListeners(
        [
            .. Listeners(configuration).Select(options => new MllpListener(
                options, sp.GetRequiredService<Reception>(), sp.GetRequiredService<SenderBook>(), sp.GetRequiredService<MessageLimits>(), sp.GetRequiredService<ListenerCallers>().OfAsync,
                async (from, ct) => (await sp.GetRequiredService<Admission>().EnterAsync(Load.Write, from, ct)).Place, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<MllpListener>>())),
        ], sp.GetRequiredService<ILogger<MllpListeners>>()));
        services.AddHostedService(sp => sp.GetRequiredService<MllpListeners>());
        services.AddSingleton(sp => new OutboxWorker(
            sp.GetRequiredService<FhirInteractions>(), sp.GetRequiredService<IResourceStore>(), sp.GetRequiredService<SearchParser>(), Destinations(configuration), sp.GetRequiredService<OutboxSignal>(),
            sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<OutboxWorker>>()));
        services.AddHostedService(sp => sp.GetRequiredService<OutboxWorker>());
        return services;
    }

    public static IEnumerable<Operation> Operations(IServiceProvider services) => [.. Replay.List(services), .. OrderOperation.List(services)];

    /// <summary>Null, or what is wrong with the settings, in sentences.</summary>
    public static string? Fault(IConfiguration configuration)
    {
        var isDemo = configuration["Auth:Mode"] == AuthOptions.Demo;
        var faults = Listeners(configuration).SelectMany((options, i) => options.Faults($"{Section}:Listeners:{i}", isDemo))
            .Concat(Destinations(configuration).SelectMany(d => d.Value.Faults($"{Section}:Destinations:{d.Key}")))
            .Concat(Destinations(configuration).Keys.Where(name => !SenderProfile.IsName(name)).Select(name => $"{Section}:Destinations:{name}: a destination's name is of letters, digits, '.', '_' and '-'.")).ToList();
        try
        {
            _ = new SenderBook(configuration.GetSection($"{Section}:Senders").Get<Dictionary<string, SenderOptions>>() ?? [], TimeZoneInfo.Utc);
        }
        catch (InvalidOperationException e)
        {
            faults.Add(e.Message);
        }

        return faults.Count == 0 ? null : string.Join('\n', faults);
    }

    private static Dictionary<string, DestinationOptions> Destinations(IConfiguration configuration) => configuration.GetSection($"{Section}:Destinations").Get<Dictionary<string, DestinationOptions>>() ?? [];

    private static List<ListenerOptions> Listeners(IConfiguration configuration) => configuration.GetSection($"{Section}:Listeners").Get<List<ListenerOptions>>() ?? [];
}

/// <summary>Who a listener's messages are stored as: a registered back-end client, with its scopes and roles of this moment.</summary>
internal sealed class ListenerCallers(ClientRegistry clients, IAccessPlanner planner, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5); // as long as plans are (reliability R-53)

    private readonly global::System.Collections.Concurrent.ConcurrentDictionary<string, (Principal? Principal, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <summary>Null when the client is not registered, or not any more.</summary>
    public async ValueTask<Caller?> OfAsync(string client, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!known.TryGetValue(client, out var kept) || kept.Until <= now)
        {
            var profile = await clients.FindAsync(client, ct);
            kept = (profile is { IsDisabled: false } ? new Principal(client, "mllp", profile.AllowedScopes) : null, now + Kept);
            known[client] = kept;
        }

        return kept.Principal is { } principal ? new Caller(client, await planner.PlanAsync(principal, ct)) { Principal = principal } : null;
    }
}
