using System.Text.Json;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.External;

/// <summary>Reads access tokens of another issuer (<c>Auth:Mode=external</c>): its keys, its name, this server as the audience; whom they mean is a matter of settings.</summary>
internal sealed class ExternalTokens(ExternalIssuer issuer, SmartOptions options, IServerIdentity server, TimeProvider clock) : ITokenReader
{
    private const int MaxLength = 16 * 1024;
    private static readonly string[] Algorithms = ["RS256", "RS384", "ES256", "ES384", "PS256", "PS384"];
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxLength, MapInboundClaims = false };

    public async Task<Principal?> ReadAsync(string token, CancellationToken ct)
    {
        var names = options.External;
        if (token.Length > MaxLength || Decode(token) is not { Kid.Length: > 0 } jwt || await issuer.FindKeyAsync(jwt.Kid, ct) is not { } key)
            return null;
        var result = await handler.ValidateTokenAsync(jwt, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = Algorithms,
            ValidTypes = [names.TokenType],
            ValidIssuer = issuer.Name,
            ValidAudience = names.Audience.Length > 0 ? names.Audience : server.FhirBase,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (from, until, _, _) => until is { } end && clock.GetUtcNow() < end + Skew && (from is not { } start || clock.GetUtcNow() > start - Skew),
        });
        if (!result.IsValid)
            return null;
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedPayload));
        var claims = payload.RootElement;
        if (Text(claims, names.ClientClaim) is not { Length: > 0 } client || Text(claims, names.UserClaim) is not { Length: > 0 } subject)
            return null;

        // A client that acts for itself is its own subject (RFC 9068 section 2.2).
        var isSystem = subject == client;
        var fhirUser = Text(claims, names.FhirUserClaim);
        return new Principal(client, AccessTokens.HashOf(jwt.Id is { Length: > 0 } id ? id : token), Text(claims, names.ScopeClaim) ?? "")
        {
            UserId = isSystem ? null : subject,
            UserName = isSystem ? null : Text(claims, names.NameClaim) ?? subject,
            FhirUser = fhirUser?.StartsWith(server.FhirBase + "/", StringComparison.Ordinal) is true ? fhirUser[(server.FhirBase.Length + 1)..] : fhirUser,
            Patient = Text(claims, names.PatientClaim),
            Encounter = Text(claims, names.EncounterClaim),
            ExpiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero) + Skew,
        };
    }

    private JsonWebToken? Decode(string token)
    {
        try
        {
            var jwt = handler.ReadJsonWebToken(token);
            return jwt.IsEncrypted ? null : jwt;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    /// <summary>A text, or a list of texts as some issuers write scopes.</summary>
    private static string? Text(JsonElement claims, string claim) => !claims.TryGetProperty(claim, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString())),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
