using FhirEmr.FhirServer.Storage.Schema;
using FhirEmr.FhirServer.Storage.Schema.Sqlite;
using Microsoft.EntityFrameworkCore;
using static FhirEmr.FhirServer.Storage.Sqlite.SqliteNative;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The database file: who may open it, that it is what we expect, and its settings.</summary>
internal sealed class SqliteFile : IDisposable
{
    public const string Name = "fhir-emr.db";
    private const int WriterCacheKiB = 8 * 1024;

    /// <summary>Pages of log (8 KiB each) after which the writer folds them in: a busy page is then written back once for many commits.</summary>
    private const int CheckpointPages = 4_000;

    private readonly FileStream handle;

    private SqliteFile(string path, FileStream handle) => (Path, this.handle) = (path, handle);

    public string Path { get; }

    /// <summary>Takes the folder for this process alone (reliability F10), or refuses.</summary>
    public static SqliteFile Claim(string folder, ILogger log)
    {
        var version = LibraryVersion();
        if (version < new Version(3, 50, 2))
            throw new StorageRefusedException($"SQLite {version} is too old: 3.50.2 is the least that is safe here.");
        if (version < new Version(3, 51, 3))
            log.LogWarning("SQLite {Version} is older than 3.51.3; its log reset fault is avoided by checkpointing on the writer only", version);

        folder = System.IO.Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        if (NetworkFileSystem(folder) is { } format)
            throw new StorageRefusedException($"{folder} is on {format}: SQLite needs a local file system for its locks and its log.");

        try
        {
            var handle = new FileStream(System.IO.Path.Combine(folder, "fhir-emr.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new(System.IO.Path.Combine(folder, Name), handle);
        }
        catch (IOException e)
        {
            throw new StorageRefusedException($"{folder} is in use by another FhirEmr process.", e);
        }
    }

    /// <summary>The writer's session, on a schema that is current.</summary>
    public async Task<SqliteSession> OpenAsync(CancellationToken ct)
    {
        var isNew = !File.Exists(Path) || new FileInfo(Path).Length == 0;
        var session = SqliteSession.Open(Path, create: true, WriterCacheKiB);
        try
        {
            if (isNew)
                session.Execute("PRAGMA page_size=8192;");
            if (session.ScalarText("PRAGMA journal_mode=WAL") != "wal")
                throw new StorageRefusedException("SQLite cannot use its write-ahead log here.");
            session.Execute($"PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint={CheckpointPages}; PRAGMA journal_size_limit=67108864;");
            if (session.Scalar("PRAGMA synchronous") != 2)
                throw new StorageRefusedException("SQLite does not keep synchronous=FULL.");

            if (!IsCurrent(session))
            {
                await using var schema = SqliteStoreContext.Open($"Data Source={Path};Pooling=False");
                await schema.Database.MigrateAsync(ct);
            }

            return session;
        }
        catch (SqliteFault fault)
        {
            session.Dispose();
            throw fault.Translate();
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Asks the migration history with plain SQL: starting EF takes longer than everything else together.</summary>
    private static bool IsCurrent(SqliteSession session) =>
        session.Scalar("SELECT COUNT(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'") > 0
        && SchemaVersion.IsCurrent(session.ScalarText("SELECT MAX(MigrationId) FROM __EFMigrationsHistory"), SqliteStoreContext.NewestMigration);

    private static string? NetworkFileSystem(string folder)
    {
        try
        {
            var format = new DriveInfo(folder).DriveFormat;
            return format is "nfs" or "nfs4" or "cifs" or "smb" or "smb2" or "smb3" or "9p" or "v9fs" ? format : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a mount we may not ask about; SQLite's own locks decide
        }
    }
}
