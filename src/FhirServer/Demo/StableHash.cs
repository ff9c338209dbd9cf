using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Demo;

/// <summary>Numbers and ids that depend on nothing but their key: the same on every machine, run and import order.</summary>
internal static class StableHash
{
    /// <summary>64 bits for a key; <paramref name="purpose"/> keeps two numbers of one thing independent.</summary>
    public static ulong Of(string purpose, string key) =>
        BinaryPrimitives.ReadUInt64BigEndian(Digest(purpose, key));

    /// <summary>A lower-case RFC 9562 version 8 UUID for a key.</summary>
    public static string Uuid(string purpose, string key)
    {
        var bytes = Digest(purpose, key)[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static byte[] Digest(string purpose, string key) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}|{key}"));
}
