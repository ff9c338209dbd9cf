using Npgsql;
using SQLitePCL;

namespace FhirEmr.Bench.Report;

/// <summary>Bytes the server's data takes.</summary>
internal static class DatabaseSize
{
    /// <param name="where">
    /// A SQLite file, a data folder, or a PostgreSQL connection string (anything with <c>Host=</c>).
    /// A SQLite database counts as its pages, those still in the write-ahead log included; the log itself is recycled space.
    /// </param>
    public static async Task<long?> MeasureAsync(string? where, CancellationToken ct)
    {
        if (where is null)
            return null;
        if (where.Contains("Host=", StringComparison.OrdinalIgnoreCase))
            return await PostgresAsync(where, ct);
        if (File.Exists(where))
            return FileBytes(where);
        if (Directory.Exists(where))
            return Directory.EnumerateFiles(where, "*", SearchOption.AllDirectories).Where(path => !IsSqliteSidecar(path)).Sum(FileBytes);
        throw new BenchException($"--database {where}: neither a file, a folder nor a connection string with Host=.");
    }

    private static async Task<long?> PostgresAsync(string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("SELECT pg_database_size(current_database())", connection);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static bool IsSqliteSidecar(string path) =>
        path.EndsWith("-wal", StringComparison.Ordinal) || path.EndsWith("-shm", StringComparison.Ordinal);

    private static long FileBytes(string path) => IsSqlite(path) ? SqlitePages(path) : new FileInfo(path).Length;

    private static bool IsSqlite(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> head = stackalloc byte[16];
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == 16 && head.SequenceEqual("SQLite format 3\0"u8);
        }
        catch (IOException)
        {
            return false; // somebody's lock file: a database never keeps readers from opening it
        }
    }

    private static long SqlitePages(string path)
    {
        Batteries_V2.Init();
        var opened = raw.sqlite3_open_v2(path, out var database, raw.SQLITE_OPEN_READONLY, null);
        using (database)
        {
            if (opened != raw.SQLITE_OK)
                throw new BenchException($"{path} cannot be opened: {raw.sqlite3_errmsg(database).utf8_to_string()}");
            return Pragma(database, "page_count") * Pragma(database, "page_size");
        }
    }

    private static long Pragma(sqlite3 database, string name)
    {
        raw.sqlite3_prepare_v2(database, $"PRAGMA {name}", out var statement);
        using (statement)
        {
            raw.sqlite3_step(statement);
            return raw.sqlite3_column_int64(statement, 0);
        }
    }
}
