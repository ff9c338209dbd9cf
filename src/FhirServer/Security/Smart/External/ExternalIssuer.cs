using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Outbound;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.External;

/// <summary>The other issuer as it describes itself: where things are, and its keys; asked again when a token names a key that is not known.</summary>
internal sealed class ExternalIssuer(IOptions<AuthOptions> options, GuardedHttpClient outbound, TimeProvider clock, ILogger<ExternalIssuer> log) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile Known? known;
    private DateTimeOffset asked = DateTimeOffset.MinValue;

    public string Name => options.Value.Authority;

    /// <summary>Null while it cannot be asked.</summary>
    public async Task<JsonElement?> DiscoveryAsync(CancellationToken ct) => (await ReadAsync(Kept, ct))?.Discovery;

    public async Task<SecurityKey?> FindKeyAsync(string kid, CancellationToken ct) =>
        Of(await ReadAsync(Kept, ct), kid) ?? Of(await ReadAsync(AskAgain, ct), kid);

    public void Dispose() => gate.Dispose();

    private static JsonWebKey? Of(Known? known, string kid) => known?.Keys.Keys.FirstOrDefault(k => k.Kid == kid && k.Kty != JsonWebAlgorithmsKeyTypes.Octet && k.Use is null or "" or "sig");

    private async Task<Known?> ReadAsync(TimeSpan goodFor, CancellationToken ct)
    {
        if (clock.GetUtcNow() - asked < goodFor && known is not null)
            return known;
        await gate.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            if (now - asked < (known is null ? AskAgain : goodFor))
                return known;
            asked = now;
            var discovery = JsonDocument.Parse(await outbound.GetAsync(new Uri(Name.TrimEnd('/') + "/.well-known/openid-configuration"), ct)).RootElement;
            if (discovery.GetProperty("issuer").GetString() != Name)
                throw new OutboundException($"{Name} calls itself otherwise; Auth:Authority must be exactly what its tokens say in iss.");
            var keys = new JsonWebKeySet(Encoding.UTF8.GetString(await outbound.GetAsync(new Uri(discovery.GetProperty("jwks_uri").GetString()!), ct)));
            return known = new(discovery, keys);
        }
        catch (Exception e) when (e is OutboundException or JsonException or KeyNotFoundException or ArgumentException or UriFormatException)
        {
            log.LogWarning("The issuer of tokens cannot be asked: {Reason}", e.Message);
            return known; // whom its keys let in they go on letting in until it can be asked again
        }
        finally
        {
            gate.Release();
        }
    }

    private sealed record Known(JsonElement Discovery, JsonWebKeySet Keys);
}
