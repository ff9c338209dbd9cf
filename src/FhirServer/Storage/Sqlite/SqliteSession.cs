using System.Runtime.InteropServices;
using System.Text;
using static FhirEmr.FhirServer.Storage.Sqlite.SqliteNative;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>One connection to the database file with its prepared statements; used by one thread at a time.</summary>
internal sealed unsafe class SqliteSession : IDisposable
{
    /// <summary>Statements kept prepared; beyond it all are dropped and the next searches prepare theirs again.</summary>
    private const int MaxStatements = 100;

    private readonly Dictionary<string, SqliteStatement> statements = new(StringComparer.Ordinal);
    private readonly List<SqliteStatement> kept = [];
    private nint db;

    private SqliteSession(nint db) => this.db = db;

    public int Changes => sqlite3_changes(db);

    /// <summary>False between BEGIN and COMMIT; true also after SQLite itself rolled the whole transaction back.</summary>
    public bool IsAutocommit => sqlite3_get_autocommit(db) != 0;

    public static SqliteSession Open(string file, bool create, int cacheKiB)
    {
        var flags = OpenReadWrite | OpenNoMutex | OpenExtendedCodes | (create ? OpenCreate : 0);
        var code = sqlite3_open_v2(file, out var db, flags, 0);
        var session = new SqliteSession(db);
        try
        {
            if (code != Ok)
                throw session.Fault(code);

            _ = sqlite3_busy_timeout(db, 5_000);

            // mmap stays off: an I/O error on a mapped page is a signal that kills the process instead of an error code.
            session.Execute($"PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cacheKiB};");
            return session;
        }
        catch (SqliteFault fault)
        {
            session.Dispose();
            throw fault.Translate();
        }
    }

    /// <summary>The statement, prepared once. Reset it after use.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (statements.TryGetValue(sql, out var found))
            return found;

        if (statements.Count >= MaxStatements)
            DropStatements();
        var (statement, _) = Compile(sql, 0);
        return statements[sql] = statement ?? throw new ArgumentException("Empty statement.", nameof(sql));
    }

    /// <summary>A statement that stays prepared as long as the session.</summary>
    public SqliteStatement Keep(string sql)
    {
        var statement = Compile(sql, 0).Statement ?? throw new ArgumentException("Empty statement.", nameof(sql));
        kept.Add(statement);
        return statement;
    }

    /// <summary>Runs a script of statements, ignoring rows.</summary>
    public void Execute(string script)
    {
        var bytes = Encoding.UTF8.GetByteCount(script);
        for (var at = 0; at < bytes;)
        {
            var (statement, end) = Compile(script, at);
            at = end;
            if (statement is null)
                continue;

            using (statement)
            {
                while (statement.Step())
                {
                }
            }
        }
    }

    public long Scalar(string sql)
    {
        var statement = Prepare(sql);
        var value = statement.Step() ? statement.Int64(0) : 0;
        statement.Reset();
        return value;
    }

    public string? ScalarText(string sql)
    {
        var statement = Prepare(sql);
        var value = statement.Step() && !statement.IsNull(0) ? statement.Text(0) : null;
        statement.Reset();
        return value;
    }

    /// <summary>Copies log pages into the database; answers how many frames the log holds.</summary>
    public int Checkpoint(bool truncate)
    {
        var code = sqlite3_wal_checkpoint_v2(db, 0, truncate ? CheckpointTruncate : CheckpointPassive, out var frames, out _);
        return code is Ok or 5 or 6 ? frames : throw Fault(code);
    }

    /// <summary>Stops what another thread runs on this session.</summary>
    public void Interrupt() => sqlite3_interrupt(db);

    public SqliteFault Fault(int code)
    {
        var extended = db == 0 ? code : sqlite3_extended_errcode(db);
        return new(code & 0xff, extended, Marshal.PtrToStringUTF8(db == 0 ? 0 : sqlite3_errmsg(db)) ?? "unknown");
    }

    public void Dispose()
    {
        DropStatements();
        foreach (var statement in kept)
            statement.Dispose();
        kept.Clear();
        if (db != 0)
            _ = sqlite3_close_v2(db);
        db = 0;
    }

    private void DropStatements()
    {
        foreach (var statement in statements.Values)
            statement.Dispose();
        statements.Clear();
    }

    private (SqliteStatement? Statement, int End) Compile(string sql, int from)
    {
        var bytes = Encoding.UTF8.GetBytes(sql + '\0');
        fixed (byte* text = bytes)
        {
            var code = sqlite3_prepare_v3(db, text + from, bytes.Length - from, PreparePersistent, out var handle, out var tail);
            if (code != Ok)
                throw Fault(code);
            return (handle == 0 ? null : new SqliteStatement(this, handle), handle == 0 ? bytes.Length : (int)(tail - text));
        }
    }
}
