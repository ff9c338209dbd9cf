using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>The keys that encrypt what the database must not show: data keys, each wrapped by a key-encryption key (security S-61).</summary>
/// <remarks>
/// Data keys lie wrapped in <c>data-keys.json</c> beside the other keys, so that a new key-encryption key costs a few small files and no content.
/// Nodes share the folder; what one of them has made, others find when they first meet its id.
/// </remarks>
internal sealed class EncryptionKeys
{
    private const string LockName = "key-encryption.lock";

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly string dataKeysFile;
    private Opened? opened;

    public EncryptionKeys(EncryptionOptions options, string keysFolder)
    {
        folder = keysFolder;
        dataKeysFile = Path.Combine(keysFolder, "data-keys.json");
        KeyEncryption = new(options, keysFolder);
    }

    public KeyEncryptionKeys KeyEncryption { get; }

    /// <summary>The one that new contents are encrypted with.</summary>
    public DataKey Newest => Open(again: false).DataKeys[0];

    /// <summary>What wraps keys from now on. It is read again each time: that is seldom, and a command may have made a new one beside this process.</summary>
    public KeyEncryptionKey Wrapping => Open(again: true).KeyEncryptionKeys[0];

    /// <summary>Makes the first keys, or opens those there are.</summary>
    /// <exception cref="EncryptionException">They cannot be opened: a sentence with the fix.</exception>
    public void Start() => Open(again: false);

    public DataKey? FindDataKey(string id) => Open(again: false).DataKey(id) ?? Open(again: true).DataKey(id);

    public KeyEncryptionKey? FindKeyEncryptionKey(string id) => Open(again: false).KeyEncryptionKey(id) ?? Open(again: true).KeyEncryptionKey(id);

    /// <summary>Makes a new key-encryption key (settings bring their own) and wraps every key anew with it. Contents stay as they are.</summary>
    /// <remarks>Wherever it is interrupted everything can be opened: the old key stays, and each file is replaced whole.</remarks>
    public KeyRotation Rotate()
    {
        lock (gate)
        {
            Open(again: true);
            using var alone = Claim(patience: TimeSpan.Zero);
            if (!KeyEncryption.AreConfigured)
                KeyEncryption.Add();
            var now = Open(again: true);
            var by = now.KeyEncryptionKeys[0];
            OwnerOnly.WriteFile(dataKeysFile, Bytes(now.DataKeys, by));
            return new(by.Id, now.DataKeys.Count, KeyRingXml.Rewrap(folder, by, now.KeyEncryptionKey));
        }
    }

    private Opened Open(bool again)
    {
        lock (gate)
        {
            if (opened is not null && !again)
                return opened;
            if (!File.Exists(dataKeysFile))
                CreateFirst();
            var keys = KeyEncryption.Read();
            return opened = new(keys, [.. ReadDataKeys().Select(key => Unwrap(key, keys))]);
        }
    }

    /// <summary>Makes what is not there yet, one node at a time: a key that another has replaced would open nothing that was encrypted with it.</summary>
    private void CreateFirst()
    {
        OwnerOnly.CreateFolder(folder);
        using var alone = Claim(patience: TimeSpan.FromSeconds(30));
        if (File.Exists(dataKeysFile))
            return; // another node was faster
        if (KeyEncryption.Read().Count == 0)
            KeyEncryption.CreateFirst();
        var first = new DataKey(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), RandomNumberGenerator.GetBytes(KeyEncryptionKey.Length));
        OwnerOnly.WriteFile(dataKeysFile, Bytes([first], KeyEncryption.Read()[0]));
    }

    private DataKey Unwrap(WrappedKey key, IReadOnlyList<KeyEncryptionKey> keys)
    {
        if (keys.FirstOrDefault(k => k.Id == key.By) is not { } by)
            throw new EncryptionException(
                $"What is encrypted here needs the key-encryption key {key.By}, and {KeyEncryption.Place} {(keys.Count == 0 ? "holds none" : $"holds {string.Join(", ", keys.Select(k => k.Id))} only")}: put that key back from where keys are kept.");
        try
        {
            return DataKey.Unwrap(key, by);
        }
        catch (CryptographicException)
        {
            throw Damaged();
        }
    }

    private WrappedKey[] ReadDataKeys()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(dataKeysFile), WrappedKeysJson.Default.WrappedKeyArray) is { Length: > 0 } keys ? keys : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private EncryptionException Damaged() => new($"{dataKeysFile} is not as this server wrote it. Put it back from where keys are kept: without it no encrypted content can be read.");

    private static byte[] Bytes(IReadOnlyList<DataKey> keys, KeyEncryptionKey by) =>
        JsonSerializer.SerializeToUtf8Bytes([.. keys.Select(k => k.WrapBy(by))], WrappedKeysJson.Default.WrappedKeyArray);

    /// <summary>One rotation at a time: of two, the second would replace the key that the first has just used.</summary>
    /// <remarks>The system frees the lock of a process that dies. The file stays: a lock on a file that was deleted meanwhile would keep nobody out.</remarks>
    private FileStream Claim(TimeSpan patience)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
            try
            {
                return OwnerOnly.Lock(Path.Combine(folder, LockName));
            }
            catch (IOException e)
            {
                if (Stopwatch.GetElapsedTime(since) > patience)
                    throw new EncryptionException($"Another process is at work on the keys in {folder}: try again when it is done.", e);
                Thread.Sleep(20);
            }
    }

    private sealed record Opened(IReadOnlyList<KeyEncryptionKey> KeyEncryptionKeys, IReadOnlyList<DataKey> DataKeys)
    {
        public DataKey? DataKey(string id) => DataKeys.FirstOrDefault(k => k.Id == id);

        public KeyEncryptionKey? KeyEncryptionKey(string id) => KeyEncryptionKeys.FirstOrDefault(k => k.Id == id);
    }
}

/// <summary>What a rotation did.</summary>
/// <param name="By">The key-encryption key in use from now on.</param>
internal sealed record KeyRotation(string By, int DataKeys, int AccountKeys);
