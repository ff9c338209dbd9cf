using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The audit's secrets on disk, <c>&lt;DataFolder&gt;/keys/audit-*.key</c> (mode 0600): outside the database and its backups (security.md S-53, S-62).</summary>
/// <remarks>The newest one is used; older ones stay to verify what they sealed. All nodes of a store need the same files.</remarks>
internal sealed class AuditKeyFolder(string dataFolder, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private Dictionary<string, AuditSecret> secrets = [];
    private AuditSecret? newest;
    private DateTimeOffset looked = DateTimeOffset.MinValue;

    public string Folder { get; } = Path.Combine(Path.GetFullPath(dataFolder), "keys");

    public AuditSecret? Find(string name)
    {
        lock (gate)
            return Load().GetValueOrDefault(name);
    }

    public IReadOnlyCollection<AuditSecret> All
    {
        get
        {
            lock (gate)
                return [.. Load().Values.OrderByDescending(s => s.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The secret that new rows are made with; null when there is none at all.</summary>
    public AuditSecret? Newest
    {
        get
        {
            lock (gate)
            {
                Load();
                return newest;
            }
        }
    }

    /// <summary>Makes a new secret; every node goes over to it when it next looks.</summary>
    public AuditSecret Add()
    {
        lock (gate)
        {
            MakeFolder();
            var name = $"audit-{clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture)}";
            var secret = AuditSecret.New(name);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(PathOf(name), options))
            {
                JsonSerializer.Serialize(file, new KeyFile(secret.Chain, secret.Signing));
                file.Flush(flushToDisk: true);
            }

            looked = DateTimeOffset.MinValue;
            return secret;
        }
    }

    private Dictionary<string, AuditSecret> Load()
    {
        var now = clock.GetUtcNow();
        if (now - looked < LookEvery && now >= looked)
            return secrets;

        var found = new Dictionary<string, AuditSecret>(StringComparer.Ordinal);
        if (Directory.Exists(Folder))
            foreach (var path in Directory.EnumerateFiles(Folder, "audit-*.key"))
            {
                var name = Path.GetFileNameWithoutExtension(path);
                found[name] = secrets.GetValueOrDefault(name) ?? Read(path, name);
            }

        (secrets, looked, newest) = (found, now, found.Values.MaxBy(s => s.Name, StringComparer.Ordinal));
        return secrets;
    }

    private static AuditSecret Read(string path, string name)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
                throw new StorageRefusedException($"{path} can be read by others: chmod 600 it, and think about who has read it.");
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<KeyFile>(file) is { Chain.Length: 32, Signing.Length: > 0 } keys
                ? new(name, keys.Chain, keys.Signing)
                : throw new StorageRefusedException($"{path} is no key of the audit: restore it from where keys are kept.");
        }
        catch (JsonException e)
        {
            throw new StorageRefusedException($"{path} is no key of the audit: restore it from where keys are kept.", e);
        }
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder);
        else
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathOf(string name) => Path.Combine(Folder, name + ".key");

    private sealed record KeyFile(byte[] Chain, byte[] Signing);
}
