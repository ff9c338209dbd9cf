namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>Where the key-encryption key comes from. Bound from <c>Encryption</c>.</summary>
internal sealed class EncryptionOptions
{
    /// <summary>256 bits in base64; empty for the key in <see cref="KeyFile"/>.</summary>
    public string Key { get; set; } = "";

    /// <summary>Keys that were <see cref="Key"/> before, comma separated, until <c>fhir-emr keys rotate</c> has wrapped everything anew.</summary>
    public string OldKeys { get; set; } = "";

    /// <summary>The file of the key-encryption keys; empty for <c>key-encryption.key</c> in <c>Auth:KeysFolder</c>.</summary>
    public string KeyFile { get; set; } = "";
}

/// <summary>Keys that cannot be used as they are: a sentence with the fix.</summary>
internal sealed class EncryptionException(string message, Exception? inner = null) : Exception(message, inner);
