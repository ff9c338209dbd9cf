using System.Diagnostics;
using SQLitePCL;
using ZstdSharp;

namespace FhirEmr.Bench.Limits;

/// <summary>Raw inserts into tables clustered on the search key, bodies compressed on the way, one thread.</summary>
internal sealed class SqliteInsertLimit : IDisposable
{
    private const string Schema = """
        CREATE TABLE resource(sid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE UNIQUE INDEX resource_key ON resource(type, id, version);
        CREATE TABLE token(param INTEGER, hash INTEGER, system INTEGER, sid INTEGER, PRIMARY KEY(param, hash, system, sid)) WITHOUT ROWID;
        CREATE TABLE reference(hash INTEGER, param INTEGER, sid INTEGER, PRIMARY KEY(hash, param, sid)) WITHOUT ROWID;
        CREATE TABLE date(param INTEGER, low INTEGER, high INTEGER, sid INTEGER, PRIMARY KEY(param, low, high, sid)) WITHOUT ROWID;
        CREATE TABLE string(param INTEGER, text TEXT, sid INTEGER, PRIMARY KEY(param, text, sid)) WITHOUT ROWID;
        CREATE TABLE quantity(param INTEGER, unit INTEGER, value REAL, sid INTEGER, PRIMARY KEY(param, unit, value, sid)) WITHOUT ROWID;
        """;

    private readonly LimitInput _input;
    private readonly Compressor _compressor;
    private readonly RawSqlite _database;
    private readonly sqlite3_stmt _resource;
    private readonly sqlite3_stmt _token;
    private readonly sqlite3_stmt _reference;
    private readonly sqlite3_stmt _date;
    private readonly sqlite3_stmt _string;
    private readonly sqlite3_stmt _quantity;

    private SqliteInsertLimit(LimitInput input, string path, string synchronous)
    {
        _input = input;
        _compressor = input.Compressor();
        _database = new RawSqlite(path, synchronous);
        _database.Execute(Schema);
        _resource = _database.Prepare("INSERT INTO resource VALUES(?,?,?,1,?,0,?)");
        _token = _database.Prepare("INSERT INTO token VALUES(?,?,?,?)");
        _reference = _database.Prepare("INSERT INTO reference VALUES(?,?,?)");
        _date = _database.Prepare("INSERT INTO date VALUES(?,?,?,?)");
        _string = _database.Prepare("INSERT INTO string VALUES(?,?,?)");
        _quantity = _database.Prepare("INSERT INTO quantity VALUES(?,?,?,?)");
    }

    /// <param name="perCommit">Resources a transaction.</param>
    /// <param name="resources">How many to insert in all; small commits need fewer to be measured.</param>
    public static InsertFigure Measure(LimitInput input, string folder, string synchronous, int perCommit, int resources)
    {
        var path = Path.Combine(folder, $"limit-{Guid.NewGuid():N}.db");
        try
        {
            using var limit = new SqliteInsertLimit(input, path, synchronous);
            return limit.Insert(path, perCommit, resources);
        }
        finally
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"])
                File.Delete(path + suffix);
        }
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[_resource, _token, _reference, _date, _string, _quantity])
            statement.Dispose();
        _database.Dispose();
        _compressor.Dispose();
    }

    private InsertFigure Insert(string path, int perCommit, int resources)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        for (var first = 0; first < resources; first += perCommit)
        {
            _database.Execute("BEGIN IMMEDIATE");
            for (var i = first; i < Math.Min(first + perCommit, resources); i++)
                Insert(i);
            _database.Execute("COMMIT");
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return new InsertFigure(
            resources / seconds, resources / cpuSeconds, resources * IndexRowSet.RowsPerResource / seconds, new FileInfo(path).Length / (double)resources);
    }

    private void Insert(int i)
    {
        var sid = i + 1L;
        raw.sqlite3_bind_int64(_resource, 1, sid);
        raw.sqlite3_bind_int(_resource, 2, i % 16);
        raw.sqlite3_bind_text(_resource, 3, LimitKeys.Id(i));
        raw.sqlite3_bind_int64(_resource, 4, sid);
        raw.sqlite3_bind_blob(_resource, 5, _compressor.Wrap(_input.Bodies[i]));
        _database.Run(_resource);

        var rows = _input.Rows[i];
        foreach (var row in rows.Tokens)
            Run(_token, row.Param, row.Hash, row.System, sid);
        foreach (var row in rows.References)
            Run(_reference, row.Hash, row.Param, sid);
        foreach (var row in rows.Dates)
            Run(_date, row.Param, row.Low, row.High, sid);
        foreach (var row in rows.Strings)
        {
            raw.sqlite3_bind_int(_string, 1, row.Param);
            raw.sqlite3_bind_text(_string, 2, row.Text);
            raw.sqlite3_bind_int64(_string, 3, sid);
            _database.Run(_string);
        }

        raw.sqlite3_bind_int(_quantity, 1, rows.Quantity.Param);
        raw.sqlite3_bind_int(_quantity, 2, rows.Quantity.Unit);
        raw.sqlite3_bind_double(_quantity, 3, rows.Quantity.Value);
        raw.sqlite3_bind_int64(_quantity, 4, sid);
        _database.Run(_quantity);
    }

    private void Run(sqlite3_stmt statement, params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
            raw.sqlite3_bind_int64(statement, i + 1, values[i]);
        _database.Run(statement);
    }
}
