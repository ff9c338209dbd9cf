using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.Assertions;

/// <summary>Checks the JWT by which a client proves who it is: at the token endpoint (RFC 7523 as SMART Backend Services narrows it; security S-14) and at CDS services.</summary>
internal sealed class ClientAssertion(ClientKeys keys, IDbContextFactory<AccountsContext> accounts, IServerIdentity server, TimeProvider clock)
{
    private const int MaxLength = 16 * 1024;
    private static readonly string[] Algorithms = ["RS384", "ES384", "RS256", "ES256", "PS384"];
    private static readonly string[] Known = ["alg", "typ", "kid", "jku", "cty"];
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxLength, MapInboundClaims = false };

    /// <summary>The client, once; null with the reason, for the log only, when the assertion does not count.</summary>
    public Task<(ClientProfile? Client, string? Reason)> CheckAsync(string assertion, string? statedClientId, CancellationToken ct) => CheckAsync(assertion, statedClientId, null, ct);

    /// <summary>The same for the JWT of a CDS client, whose <c>aud</c> is the address it calls and whose <c>iss</c> alone names it.</summary>
    /// <remarks>https://cds-hooks.hl7.org/2.0/#trusting-cds-clients.</remarks>
    public Task<(ClientProfile? Client, string? Reason)> CheckForServiceAsync(string token, Uri service, CancellationToken ct) => CheckAsync(token, null, service, ct);

    private async Task<(ClientProfile? Client, string? Reason)> CheckAsync(string assertion, string? statedClientId, Uri? service, CancellationToken ct)
    {
        if (assertion.Length > MaxLength || !handler.CanReadToken(assertion))
            return (null, "no JWT");
        JsonWebToken token;
        try
        {
            token = handler.ReadJsonWebToken(assertion);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or JsonException)
        {
            return (null, "no JWT");
        }

        if (HeaderFault(assertion, token) is { } header)
            return (null, header);
        var issuer = token.Issuer;
        if (issuer.Length == 0 || (token.Subject != issuer && (service is null || token.Subject is { Length: > 0 })) || (statedClientId is { Length: > 0 } && statedClientId != issuer))
            return (null, "iss and sub are not the client's id");
        await using var context = await accounts.CreateDbContextAsync(ct);
        if (await context.ClientProfiles.AsNoTracking().FirstOrDefaultAsync(c => c.ClientId == issuer, ct) is not { IsDisabled: false } client)
            return (null, "unknown client");
        if (token.TryGetHeaderValue<string>("jku", out var jku) && jku != client.JwksUri)
            return (null, "jku is not the registered address");
        if (await keys.FindAsync(client, token.Kid, ct) is not { } key || !ClientKeySet.IsFor(key, token.Alg))
            return (null, "no registered key of that kid for that algorithm");

        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [token.Alg],
            RequireSignedTokens = true,
            ValidateIssuer = false, // done above, and below, by our clock
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        if (!result.IsValid)
            return (null, "wrong signature");
        return ClaimFault(token, service) is { } fault ? (null, fault) : await UseAsync(context, client, token, ct);
    }

    private static string? HeaderFault(string assertion, JsonWebToken token)
    {
        if (token.IsEncrypted || !Algorithms.Contains(token.Alg, StringComparer.Ordinal))
            return "an algorithm that is not taken";
        if (token.Kid.Length is 0 or > 200)
            return "no kid";
        if (token.Typ is { Length: > 0 } typ && !typ.Equals("JWT", StringComparison.OrdinalIgnoreCase) && typ is not ("client-authentication+jwt" or "application/client-authentication+jwt"))
            return "typ is another kind of token";

        // jwk, x5c, x5u, crit and whatever else would have us believe the message about itself
        using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(assertion[..assertion.IndexOf('.', StringComparison.Ordinal)]));
        var names = header.RootElement.EnumerateObject().Select(p => p.Name).ToArray();
        return names.Except(Known).Any() || names.Distinct().Count() != names.Length ? "a header that is not taken" : null;
    }

    private string? ClaimFault(JsonWebToken token, Uri? service)
    {
        if (token.Audiences.ToArray() is not [{ } aud] || !(service is null ? IsAddressed(aud) : aud == service.AbsoluteUri))
            return service is null ? "aud is neither the token endpoint nor the issuer" : "aud is not the address of the service";
        var now = clock.GetUtcNow();
        if (!token.TryGetPayloadValue<long>("exp", out var exp))
            return "no exp";
        var expires = exp is > 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(exp) : DateTimeOffset.MinValue;
        if (expires <= now - Skew || expires > now + Longest + Skew)
            return "expired, or good for more than five minutes";
        if (token.TryGetPayloadValue<long>("nbf", out var nbf) && nbf > (now + Skew).ToUnixTimeSeconds())
            return "not good yet";
        if (!token.TryGetPayloadValue<long>("iat", out var iat) && service is not null)
            return "no iat";
        if (iat > (now + Skew).ToUnixTimeSeconds())
            return "made in the future";
        return token.TryGetPayloadValue<string>("jti", out var jti) && jti is { Length: > 0 and <= 1000 } ? null : "no jti";
    }

    private bool IsAddressed(string audience) =>
        audience == server.Of(SmartPaths.Token).AbsoluteUri || audience == server.Issuer.AbsoluteUri || audience == server.Issuer.AbsoluteUri.TrimEnd('/');

    /// <summary>The row's key decides which of two that show the same assertion was first, on whichever node.</summary>
    private static async Task<(ClientProfile?, string?)> UseAsync(AccountsContext context, ClientProfile client, JsonWebToken token, CancellationToken ct)
    {
        var hash = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(token.Id)));
        if (await context.UsedAssertions.AnyAsync(a => a.ClientId == client.ClientId && a.JtiHash == hash, ct))
            return (null, "shown before");
        context.Add(new UsedAssertion { ClientId = client.ClientId, JtiHash = hash, Expires = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew });
        try
        {
            await context.SaveChangesAsync(ct);
            return (client, null);
        }
        catch (DbUpdateException)
        {
            context.ChangeTracker.Clear();
            if (await context.UsedAssertions.AnyAsync(a => a.ClientId == client.ClientId && a.JtiHash == hash, ct))
                return (null, "shown before");
            throw;
        }
    }
}
