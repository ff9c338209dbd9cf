using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.EntityFrameworkCore.Models;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Reads access tokens that this server has issued: our keys, our algorithm, our issuer, our audience, and a row that says it still counts (security S-15, S-16).</summary>
internal sealed class AccessTokens(TokenKeys keys, IServerIdentity server, IDbContextFactory<AccountsContext> accounts, TimeProvider clock) : ITokenReader
{
    private const int MaxLength = 16 * 1024;
    private static readonly string[] Headers = ["alg", "typ", "kid"];

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxLength, MapInboundClaims = false };

    public async Task<Principal?> ReadAsync(string token, CancellationToken ct)
    {
        if (token.Length > MaxLength || Decode(token) is not { } jwt || keys.Find(jwt.Kid) is not { } key)
            return null;
        var result = await handler.ValidateTokenAsync(jwt, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [JsonWebTokenTypes.AccessToken],
            ValidIssuer = server.Issuer.AbsoluteUri,
            ValidAudience = server.FhirBase,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (_, expires, _, _) => expires is { } at && clock.GetUtcNow() < at,
        });
        return result.IsValid ? await StillCountsAsync(jwt, ct) : null;
    }

    private JsonWebToken? Decode(string token)
    {
        try
        {
            var jwt = handler.ReadJsonWebToken(token);

            // Nothing in a token says where its key is: no jwk, jku, x5c, x5u, crit.
            using var header = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedHeader));
            return jwt.IsEncrypted || header.RootElement.EnumerateObject().Any(p => !Headers.Contains(p.Name, StringComparer.Ordinal)) ? null : jwt;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<Principal?> StillCountsAsync(JsonWebToken jwt, CancellationToken ct)
    {
        if (!long.TryParse(Text(jwt, Claims.Private.TokenId), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || Text(jwt, Claims.ClientId) is not { } clientId
            || jwt.Subject is not { Length: > 0 } subject || jwt.Id is not { Length: > 0 } jti)
            return null;
        await using var database = await accounts.CreateDbContextAsync(ct);
        var state = await database.Set<OpenIddictEntityFrameworkCoreToken<long>>().AsNoTracking().Where(t => t.Id == id).Select(t => new
        {
            t.Status,
            t.Type,
            t.Subject,
            Authorization = t.Authorization == null ? Statuses.Valid : t.Authorization.Status,
            ClientIsDisabled = database.ClientProfiles.Where(c => c.ClientId == clientId).Select(c => (bool?)c.IsDisabled).FirstOrDefault(),
            ClientKind = database.ClientProfiles.Where(c => c.ClientId == clientId).Select(c => (ClientKind?)c.Kind).FirstOrDefault(),
            ClientFhirUser = database.ClientProfiles.Where(c => c.ClientId == clientId).Select(c => c.FhirUser).FirstOrDefault(),
            UserIsDisabled = database.Users.Where(a => a.Id == subject).Select(a => (bool?)a.IsDisabled).FirstOrDefault(),
            UserName = database.Users.Where(a => a.Id == subject).Select(a => a.UserName).FirstOrDefault(),
            UserFhirUser = database.Users.Where(a => a.Id == subject).Select(a => a.FhirUser).FirstOrDefault(),
        }).FirstOrDefaultAsync(ct);
        if (state is not { Status: Statuses.Valid, Type: TokenTypeIdentifiers.AccessToken, Authorization: Statuses.Valid, ClientIsDisabled: false } || state.Subject != subject)
            return null;

        var isSystem = state.ClientKind == ClientKind.System;
        if (isSystem ? subject != clientId : state.UserIsDisabled is not false)
            return null;
        return new Principal(clientId, HashOf(jti), Text(jwt, Claims.Scope) ?? "")
        {
            UserId = isSystem ? null : subject,
            UserName = state.UserName,
            FhirUser = isSystem ? state.ClientFhirUser : state.UserFhirUser,
            Patient = Text(jwt, SmartClaims.Patient),
            Encounter = Text(jwt, SmartClaims.Encounter),
            StepUpAt = long.TryParse(Text(jwt, SmartClaims.SecondFactorAt), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
            ExpiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero),
        };
    }

    /// <summary>Names a token without being it.</summary>
    internal static string HashOf(string jti) => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(jti)));

    private static string? Text(JsonWebToken jwt, string claim) => jwt.TryGetClaim(claim, out var found) ? found.Value : null;
}
