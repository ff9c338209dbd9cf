using System.Collections.Concurrent;
using System.Text;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Outbound;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.Assertions;

/// <summary>Keys of clients, by registered document or from the registered address; what an assertion says of where keys are is not followed (security S-14).</summary>
internal sealed class ClientKeys(GuardedHttpClient outbound, TimeProvider clock, ILogger<ClientKeys> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan KeptAfterFailure = TimeSpan.FromSeconds(30);

    /// <summary>An unknown kid may be a new key, or somebody who makes us ask: once in a while for each address.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Fetched> fetched = new(StringComparer.Ordinal);

    /// <summary>The client's key of that name; null when it has none.</summary>
    public async ValueTask<JsonWebKey?> FindAsync(ClientProfile client, string kid, CancellationToken ct)
    {
        if (client.Jwks is { } document)
            return Of(ClientKeySet.Parse(document, out _), kid);
        if (client.JwksUri is not { } address)
            return null;
        var now = clock.GetUtcNow();
        if (fetched.TryGetValue(address, out var known) && now - known.At < (known.Keys is null ? KeptAfterFailure : Kept)
            && (Of(known.Keys, kid) is not null || now - known.At < AskAgain))
            return Of(known.Keys, kid);

        var fresh = await FetchAsync(address, ct);
        if (fresh is null && known?.Keys is not null)
            fresh = known.Keys; // their server is away for a moment; who knew the keys then knows them now
        fetched[address] = new(fresh, clock.GetUtcNow());
        return Of(fresh, kid);
    }

    private async Task<JsonWebKeySet?> FetchAsync(string address, CancellationToken ct)
    {
        try
        {
            var set = ClientKeySet.Parse(Encoding.UTF8.GetString(await outbound.GetAsync(new Uri(address), ct)), out var fault);
            if (fault is not null)
                log.LogWarning("The key set at {Address} cannot be used: {Fault}", address, fault);
            return set;
        }
        catch (OutboundException e)
        {
            log.LogWarning("The key set of a client cannot be had: {Reason}", e.Message);
            return null;
        }
    }

    private static JsonWebKey? Of(JsonWebKeySet? set, string kid) => set?.Keys.FirstOrDefault(k => k.Kid == kid && ClientKeySet.IsUsable(k));

    private sealed record Fetched(JsonWebKeySet? Keys, DateTimeOffset At);
}
