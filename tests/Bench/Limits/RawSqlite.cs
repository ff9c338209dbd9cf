using SQLitePCL;

namespace FhirEmr.Bench.Limits;

/// <summary>The thinnest possible hold on a SQLite database: prepared statements on the C API, WAL, 8 KB pages.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly sqlite3 _database;

    public RawSqlite(string path, string synchronous)
    {
        Batteries_V2.Init();
        Check(raw.sqlite3_open_v2(path, out _database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null));
        Execute("PRAGMA page_size=8192");
        Execute("PRAGMA journal_mode=WAL");
        Execute($"PRAGMA synchronous={synchronous}");
        Execute("PRAGMA cache_size=-65536");
        Execute("PRAGMA mmap_size=1073741824");
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_database, sql));

    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        return statement;
    }

    /// <summary>Runs a statement that returns no rows and makes it ready for the next values.</summary>
    public void Run(sqlite3_stmt statement)
    {
        if (raw.sqlite3_step(statement) != raw.SQLITE_DONE)
            Check(raw.sqlite3_errcode(_database));
        raw.sqlite3_reset(statement);
    }

    public void Dispose() => _database.Dispose();

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new InvalidOperationException($"SQLite {result}: {raw.sqlite3_errmsg(_database).utf8_to_string()}");
    }
}
