using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>Signed tokens as their maker wants them, proper or not.</summary>
internal static class Jws
{
    public static string Make(JsonObject header, JsonObject payload, Func<byte[], byte[]> sign)
    {
        var message = Base64UrlEncoder.Encode(header.ToJsonString()) + "." + Base64UrlEncoder.Encode(payload.ToJsonString());
        return message + "." + Base64UrlEncoder.Encode(sign(Encoding.ASCII.GetBytes(message)));
    }

    public static Func<byte[], byte[]> Ec(ECDsa key, HashAlgorithmName hash) => data => key.SignData(data, hash);

    public static Func<byte[], byte[]> Rsa(RSA key, HashAlgorithmName hash, RSASignaturePadding? padding = null) => data => key.SignData(data, hash, padding ?? RSASignaturePadding.Pkcs1);

    public static Func<byte[], byte[]> Hmac(byte[] key) => data => HMACSHA256.HashData(key, data);

    public static Func<byte[], byte[]> None => _ => [];
}
