using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.Assertions;

/// <summary>The public keys of a client, as it registered or publishes them.</summary>
internal static class ClientKeySet
{
    private const int MostKeys = 100;

    /// <summary>Null, with the fault, for what is no set of public keys that can verify signatures.</summary>
    public static JsonWebKeySet? Parse(string json, out string? fault)
    {
        fault = null;
        JsonWebKeySet set;
        try
        {
            using var document = JsonDocument.Parse(json); // first: the reader below takes much for JSON
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
                throw new JsonException("no keys");
            set = new JsonWebKeySet(json) { SkipUnresolvedJsonWebKeys = true };
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            fault = """This is no JSON Web Key Set: {"keys":[…]} with public keys.""";
            return null;
        }

        if (set.Keys.Count is 0 or > MostKeys)
            fault = $"The key set has {set.Keys.Count} keys; it must have 1 to {MostKeys}.";
        else if (set.Keys.Any(k => k.HasPrivateKey || k.Kty == JsonWebAlgorithmsKeyTypes.Octet))
            fault = "The key set holds a private or symmetric key. Make a new key pair, keep the private half to the client, and give only the public one.";
        else if (!set.Keys.Any(IsUsable))
            fault = "The key set has no key that can be used: RSA of 2048 bits or more, or EC on P-256 or P-384, each with a kid.";
        return fault is null ? set : null;
    }

    /// <summary>Whether assertions may be signed with it at all.</summary>
    public static bool IsUsable(JsonWebKey key) =>
        key is { HasPrivateKey: false, Kid.Length: > 0, Use: null or "" or "sig" } && key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => key.KeySize >= 2048,
            JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv is "P-256" or "P-384",
            _ => false,
        };

    /// <summary>Whether the key is one for this algorithm: a key is never used for what it was not made for.</summary>
    public static bool IsFor(JsonWebKey key, string algorithm) =>
        IsUsable(key) && (key.Alg is null or "" || key.Alg == algorithm) && algorithm switch
        {
            "RS256" or "RS384" or "PS384" => key.Kty == JsonWebAlgorithmsKeyTypes.RSA,
            "ES256" => key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: "P-256" },
            "ES384" => key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: "P-384" },
            _ => false,
        };
}
