using System.Text;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>The key-encryption keys, from the settings or from a file of this user's only; never from the database (security S-61).</summary>
/// <remarks>A file has a key a line, the one in use first. Older ones stay, to open what they wrapped.</remarks>
internal sealed class KeyEncryptionKeys(EncryptionOptions options, string keysFolder)
{
    public string File { get; } = options.KeyFile.Length > 0 ? Path.GetFullPath(options.KeyFile) : Path.Combine(keysFolder, "key-encryption.key");

    public bool AreConfigured => options.Key.Length > 0;

    /// <summary>Where to look for a key that is missing, in the words of a sentence.</summary>
    public string Place => AreConfigured ? "Encryption:Key and Encryption:OldKeys" : File;

    /// <summary>The one in use first; empty when there is none yet. A key in the settings goes before the file's, which then only open: so one can move from the file to the settings.</summary>
    /// <exception cref="EncryptionException">One of them is no key, or others can read it.</exception>
    public IReadOnlyList<KeyEncryptionKey> Read() => AreConfigured ? [.. Configured(), .. InFile()] : InFile();

    /// <summary>Makes the first key.</summary>
    public void CreateFirst() => Write([KeyEncryptionKey.New()]);

    /// <summary>Makes a new key the one in use.</summary>
    public void Add() => Write([KeyEncryptionKey.New(), .. Read()]);

    private void Write(IReadOnlyList<KeyEncryptionKey> keys)
    {
        OwnerOnly.CreateFolder(Path.GetDirectoryName(File)!);
        OwnerOnly.WriteFile(File, Encoding.ASCII.GetBytes(string.Concat(keys.Select(k => k.Text + "\n"))));
    }

    private IEnumerable<KeyEncryptionKey> Configured() =>
        options.OldKeys.Split(',', StringSplitOptions.RemoveEmptyEntries).Prepend(options.Key).Select(text => KeyEncryptionKey.Parse(text)
            ?? throw new EncryptionException("Encryption:Key and Encryption:OldKeys are 32 random bytes each in base64, as openssl rand -base64 32 makes them: one of them is not."));

    private KeyEncryptionKey[] InFile()
    {
        if (!System.IO.File.Exists(File))
            return [];
        if (OwnerOnly.IsOpenToOthers(File))
            throw new EncryptionException($"Others may read {File}, which opens everything that is encrypted here: chmod 600 it, and run fhir-emr keys rotate if anyone could have.");
        var damaged = new EncryptionException($"{File} does not hold a key of 32 bytes in base64 on each line. Put it back from where keys are kept.");
        KeyEncryptionKey[] keys = [.. System.IO.File.ReadAllLines(File).Where(line => line.Length > 0).Select(line => KeyEncryptionKey.Parse(line) ?? throw damaged)];
        return keys.Length > 0 ? keys : throw damaged;
    }
}
