using System.Text.Json.Serialization;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>A key that encrypts data. It is kept only as a <see cref="WrappedKey"/>.</summary>
internal sealed record DataKey(string Id, byte[] Key)
{
    public WrappedKey WrapBy(KeyEncryptionKey by) => new(Id, by.Id, by.Wrap(Key, Name(Id)));

    public static DataKey Unwrap(WrappedKey key, KeyEncryptionKey by) => new(key.Id, by.Unwrap(key.Wrapped, Name(key.Id)));

    private static string Name(string id) => "data-key " + id;
}

/// <summary>A data key as it lies in its file.</summary>
/// <param name="By">Id of the key-encryption key that opens it.</param>
internal sealed record WrappedKey(string Id, string By, byte[] Wrapped);

[JsonSerializable(typeof(WrappedKey[]))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class WrappedKeysJson : JsonSerializerContext;
