using System.Data;
using System.Text;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Npgsql;
using NpgsqlTypes;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>Executes one plan in one transaction: small ones in a single batch, large ones of new resources through COPY.</summary>
/// <remarks>
/// READ COMMITTED with unique keys: (type, id) decides who creates, (sid, version) of the history who replaces a version; the loser gets a
/// unique violation and its plan is stale. Searches that must still hold take a lock on themselves first, so equal ones queue up.
/// </remarks>
internal sealed class PostgresCommit(NpgsqlDataSource source, ISymbols symbols, long sequenceBase)
{
    /// <summary>Above so many writes COPY pays for its extra round trips.</summary>
    private const int CopyFrom = 20;

    public async Task<CommitResult> RunAsync(PreparedPlan prepared, CancellationToken ct)
    {
        var plan = prepared.Plan;
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        foreach (var (lockKey, precondition, search) in Locks(plan))
        {
            await ExecuteAsync(connection, transaction, "SELECT pg_advisory_xact_lock($1)", lockKey, ct);
            var sids = await PostgresRead.QueryAsync(connection, transaction, search, r => r.Int64(0), ct);
            if (!sids.SequenceEqual(precondition.ExpectedSids.Order()))
                return new CommitResult.Stale("A search the request was decided on has another answer by now.");
        }

        var creates = plan.Writes.Where(w => w.ExpectedVersion == 0).ToList();
        var updates = plan.Writes.Where(w => w.ExpectedVersion > 0).OrderBy(w => w.Sid).ToList();
        var copies = plan.Writes.Count > CopyFrom && updates.Count == 0;

        await using var batch = new NpgsqlBatch(connection, transaction);
        var expected = new List<(NpgsqlBatchCommand Command, int Rows, string What)>();
        PostgresContents.Add(batch, plan.Contents, expected);
        if (plan.Anchors.Count > 0)
            Anchors(batch, plan, expected);
        if (creates.Count > 0)
            Add(batch, "DELETE FROM Resource WHERE Sid = ANY($1) AND Version = 0", creates.ConvertAll(w => w.Sid).ToArray());
        if (creates.Count > 0 && !copies)
            Insert(batch, ColumnRows.Resources(creates), "");
        if (updates.Count > 0)
            Updates(batch, updates, expected);
        if (plan.Writes.Count > 0)
            Add(batch, $"INSERT INTO Change (Sequence, Sid, Version) SELECT {sequenceBase} + (pg_current_xact_id()::text::bigint << 20) + n, s, v FROM unnest($1, $2) WITH ORDINALITY AS u (s, v, n)",
                plan.Writes.ConvertAll(w => w.Sid).ToArray(), plan.Writes.ConvertAll(w => w.Version).ToArray());
        foreach (var rows in (ColumnRows[])[ColumnRows.Texts(plan), ColumnRows.Shapes(plan)])
            Insert(batch, rows, " ON CONFLICT DO NOTHING");

        var index = ColumnRows.Index(prepared).ToList();
        foreach (var (removed, added) in index)
        {
            Delete(batch, removed);
            if (!copies)
                Insert(batch, added, " ON CONFLICT DO NOTHING");
        }

        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(ct);
        foreach (var (command, rows, what) in expected)
            if (command.Rows != (ulong)rows)
                return new CommitResult.Stale(what);

        if (copies)
            foreach (var rows in index.Select(i => i.Added).Prepend(ColumnRows.Resources(creates)))
                await CopyAsync(connection, rows, ct);

        // From here the caller can no longer interrupt: a COMMIT under way is waited for.
        await transaction.CommitAsync(CancellationToken.None);
        return new CommitResult.Committed();
    }

    private static void Anchors(NpgsqlBatch batch, CommitPlan plan, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        var rows = ColumnRows.Anchors([.. plan.Anchors.Distinct().OrderBy(a => a.Sid)]);
        Insert(batch, rows, " ON CONFLICT DO NOTHING");
        expected.Add((
            Add(batch, "SELECT 1 FROM Resource r JOIN unnest($1, $2, $3) AS u (s, t, i) ON r.Sid = u.s AND r.Type = u.t AND r.Id = u.i", rows.Values[..3]),
            rows.Count, "A resource referred to has another key by now."));
    }

    private static void Updates(NpgsqlBatch batch, List<ResourceWrite> updates, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        const string What = "A resource is no longer at the version it was read at.";
        expected.Add((
            Add(batch, """
                INSERT INTO ResourceHistory (Sid, Version, Type, LastUpdated, Deleted, Method, Body)
                SELECT r.Sid, r.Version, r.Type, r.LastUpdated, r.Deleted, r.Method, r.Body FROM Resource r JOIN unnest($1, $2) AS u (s, v) ON r.Sid = u.s AND r.Version = u.v
                """, updates.ConvertAll(w => w.Sid).ToArray(), updates.ConvertAll(w => w.ExpectedVersion).ToArray()),
            updates.Count, What));
        expected.Add((
            Add(batch, """
                UPDATE Resource r SET Version = u.v, LastUpdated = u.l, Deleted = u.d, Method = u.m, Owner = u.o, Body = u.b
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS u (s, t, i, v, l, d, m, o, b)
                WHERE r.Sid = u.s AND r.Type = u.t AND r.Id = u.i AND r.Version = u.v - 1
                """, ColumnRows.Resources(updates).Values),
            updates.Count, What));
    }

    /// <summary>In the order of their keys, so that two plans with the same searches do not wait for each other crosswise.</summary>
    private IEnumerable<(long Key, Precondition Precondition, SqlStatement Search)> Locks(CommitPlan plan) => plan.Preconditions
        .Select(p => (Precondition: p, Search: SearchSql.Sids(SqlDialect.Postgres, p.Query, p.ExpectedSids.Count + 1)))
        .Select(p => (Key: LockKey(SearchSql.Sids(SqlDialect.Postgres, p.Precondition.Query, 1)), p.Precondition, p.Search))
        .OrderBy(p => p.Key);

    private long LockKey(SqlStatement search)
    {
        var text = new StringBuilder(search.Text);
        foreach (var argument in search.Arguments)
            text.Append('\u001f').Append(argument is Array list ? string.Join(',', list.Cast<object>()) : argument);
        return symbols.Hash(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static async Task CopyAsync(NpgsqlConnection connection, ColumnRows rows, CancellationToken ct)
    {
        if (rows.Count == 0)
            return;

        await using var importer = await connection.BeginBinaryImportAsync($"COPY {rows.Table} ({string.Join(", ", rows.Columns)}) FROM STDIN (FORMAT BINARY)", ct);
        for (var i = 0; i < rows.Count; i++)
        {
            importer.StartRow();
            foreach (var column in rows.Values)
                switch (column)
                {
                    case long[] c: importer.Write(c[i], NpgsqlDbType.Bigint); break;
                    case int[] c: importer.Write(c[i], NpgsqlDbType.Integer); break;
                    case short[] c: importer.Write(c[i], NpgsqlDbType.Smallint); break;
                    case string[] c: importer.Write(c[i], NpgsqlDbType.Text); break;
                    default: importer.Write(((byte[][])column)[i], NpgsqlDbType.Bytea); break;
                }
        }

        await importer.CompleteAsync(ct);
    }

    private static void Insert(NpgsqlBatch batch, ColumnRows rows, string onConflict)
    {
        if (rows.Count > 0)
            Add(batch, $"INSERT INTO {rows.Table} ({string.Join(", ", rows.Columns)}) SELECT * FROM unnest({Placeholders(rows)}){onConflict}", rows.Values);
    }

    private static void Delete(NpgsqlBatch batch, ColumnRows rows)
    {
        if (rows.Count > 0)
            Add(batch, $"DELETE FROM {rows.Table} x USING unnest({Placeholders(rows)}) AS u ({string.Join(", ", rows.Columns)}) WHERE "
                + string.Join(" AND ", rows.Columns.Select(c => $"x.{c} = u.{c}")), rows.Values);
    }

    private static string Placeholders(ColumnRows rows) => string.Join(", ", rows.Columns.Select((_, i) => $"${i + 1}"));

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql, params Array[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        batch.BatchCommands.Add(command);
        return command;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, long argument, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = argument });
        await command.ExecuteNonQueryAsync(ct);
    }
}
