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
/// unique violation and its plan is stale. Searches that must still hold take locks first (<see cref="ConditionLocks"/>).
/// </remarks>
internal sealed class PostgresCommit(NpgsqlDataSource source, long sequenceBase)
{
    /// <summary>Above so many writes COPY pays for its extra round trips.</summary>
    private const int CopyFrom = 20;

    /// <summary>How often a database that went away is asked for a transaction's outcome, 0.2 s apart.</summary>
    private const int Asks = 25;

    /// <summary>First half of the two-part advisory keys that stand for references; "refs" in ASCII.</summary>
    private const int ReferenceLockClass = 0x72656673;

    /// <summary>The same for the types of conditions; "cond" in ASCII.</summary>
    private const int ConditionLockClass = 0x636f6e64;

    public async Task<CommitResult> RunAsync(PreparedPlan prepared, CancellationToken ct)
    {
        var plan = prepared.Plan;
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await LockAsync(connection, transaction, plan, ct);
        foreach (var precondition in plan.Preconditions)
        {
            var search = SearchSql.Sids(SqlDialect.Postgres, precondition.Query, precondition.ExpectedSids.Count + 1);
            var sids = await PostgresRead.QueryAsync(connection, transaction, search, r => r.Int64(0), ct);
            if (!sids.SequenceEqual(precondition.ExpectedSids.Order()))
                return new CommitResult.Stale("A search the request was decided on has another answer by now.");
        }

        var creates = plan.Writes.Where(w => w.ExpectedVersion == 0).ToList();
        var updates = plan.Writes.Where(w => w.ExpectedVersion > 0).OrderBy(w => w.Sid).ToList();
        var copies = plan.Writes.Count > CopyFrom && updates.Count == 0 && plan.Fills.Count == 0;

        long? transactionId = null;
        await using var batch = new NpgsqlBatch(connection, transaction);
        var expected = new List<(NpgsqlBatchCommand Command, int Rows, string What)>();
        if (ReferenceLocks.Exclusive(plan) is { Length: > 0 } exclusive)
            Add(batch, $"SELECT pg_advisory_xact_lock({ReferenceLockClass}, b) FROM unnest($1) b", exclusive);
        if (ReferenceLocks.Shared(plan) is { Length: > 0 } shared)
        {
            Add(batch, $"SELECT pg_advisory_xact_lock_shared({ReferenceLockClass}, b) FROM unnest($1) b", shared);
            var targets = plan.Targets.Distinct().ToArray();
            expected.Add((Add(batch, "SELECT 1 FROM Resource WHERE Sid = ANY($1) AND Deleted = 0 AND Version > 0", targets),
                targets.Length, "A resource referred to was deleted meanwhile."));
        }

        foreach (var statement in plan.Statements)
            Statement(batch, statement, expected);
        foreach (var rows in plan.Records)
            Insert(batch, rows, "");
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
        foreach (var rows in (ColumnRows[])[ColumnRows.Texts(plan), ColumnRows.Shapes(plan), ColumnRows.Displays(plan)])
            Insert(batch, rows, " ON CONFLICT DO NOTHING");

        if (plan.Fills.Count > 0)
            Fills(batch, plan, expected);
        if (plan.Purges.Count > 0)
            Purge(batch, plan.Purges, expected);
        foreach (var correction in plan.Corrections)
            Correct(batch, correction, expected);

        var index = ColumnRows.Index(prepared).ToList();
        foreach (var (removed, added) in index)
        {
            Delete(batch, removed);
            if (!copies)
                Insert(batch, added, " ON CONFLICT DO NOTHING");
        }

        if (plan.Purges.Count > 0)
            Add(batch, "DELETE FROM Resource r WHERE r.Sid = ANY($1) AND r.Version = 0 AND NOT EXISTS (SELECT 1 FROM Reference x "
                + "WHERE x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Code = ANY($2)) AND x.Target = r.Sid AND x.Sid <> r.Sid)",
                plan.Purges.ConvertAll(p => p.Sid).ToArray(), Search.Parameters.SearchParameters.ReferenceCodes.ToArray());
        if (plan.DeletesOnlyUnreferenced && updates.Where(w => w.IsDeleted).Concat(plan.Purges).Select(w => w.Sid).ToArray() is { Length: > 0 } deleted)
        {
            var any = ReferrersSql.Any(SqlDialect.Postgres, deleted);
            expected.Add((Add(batch, any), 0, "Something refers to what is being deleted."));
        }

        var hasWork = batch.BatchCommands.Count > 0;
        if (hasWork)
        {
            Add(batch, "SELECT pg_current_xact_id()::text::bigint");
            transactionId = await ExecuteAsync(batch, ct);
        }

        foreach (var (command, rows, what) in expected)
            if (command.Rows != (ulong)rows)
                return new CommitResult.Stale(what);

        if (copies)
            foreach (var rows in index.Select(i => i.Added).Prepend(ColumnRows.Resources(creates)))
                await CopyAsync(connection, rows, ct);

        // From here the caller can no longer interrupt: a COMMIT under way is waited for.
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (transactionId is not null && PostgresFaults.IsUnanswered(e))
        {
            return await OutcomeAsync(transactionId.Value) ? new CommitResult.Committed() : throw new StorageUnavailableException("The database went away while it committed; nothing was stored.", e);
        }

        return new CommitResult.Committed();
    }

    private static void Statement(NpgsqlBatch batch, PlanStatement statement, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        var (text, arguments) = statement.Compose(SqlDialect.Postgres);
        var command = new NpgsqlBatchCommand(text);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        batch.BatchCommands.Add(command);
        if (statement.MustChange is { } otherwise)
            expected.Add((command, 1, otherwise));
    }

    private static void Anchors(NpgsqlBatch batch, CommitPlan plan, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        var rows = ColumnRows.Anchors([.. plan.Anchors.Distinct().OrderBy(a => a.Sid)]);
        Insert(batch, rows, " ON CONFLICT DO NOTHING");
        expected.Add((
            Add(batch, "SELECT 1 FROM Resource r JOIN unnest($1, $2, $3) AS u (s, t, i) ON r.Sid = u.s AND r.Type = u.t AND r.Id = u.i", rows.Values[..3]),
            rows.Count, "A resource referred to has another key by now."));
    }

    /// <summary>
    /// Holds the rows as they are until the commit, some milliseconds: an update of one of them begins before, and the plan is stale, or waits,
    /// and then takes away the index rows put in here.
    /// </summary>
    private static void Fills(NpgsqlBatch batch, CommitPlan plan, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        var fills = plan.Fills.OrderBy(f => f.Sid).ToList();
        expected.Add((
            Add(batch, "SELECT 1 FROM Resource r JOIN unnest($1, $2) AS u (s, v) ON r.Sid = u.s AND r.Version = u.v WHERE r.Deleted = 0 ORDER BY r.Sid FOR SHARE OF r",
                fills.ConvertAll(f => f.Sid).ToArray(), fills.ConvertAll(f => f.Version).ToArray()),
            fills.Count, "A resource changed while it was being indexed."));
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

    private static void Purge(NpgsqlBatch batch, List<ResourceWrite> purges, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        var (sids, versions) = (purges.ConvertAll(p => p.Sid).ToArray(), purges.ConvertAll(p => p.ExpectedVersion).ToArray());
        expected.Add((
            Add(batch, """
                UPDATE Resource r SET Version = 0, LastUpdated = 0, Deleted = 1, Method = 0, Owner = 0, Body = ''
                FROM unnest($1, $2) AS u (s, v) WHERE r.Sid = u.s AND r.Version = u.v
                """, sids, versions),
            purges.Count, "A resource to purge is no longer at the version it was read at."));
        Add(batch, "DELETE FROM ResourceHistory WHERE Sid = ANY($1)", sids);
        Insert(batch, ColumnRows.Purged(purges), " ON CONFLICT (Sid) DO UPDATE SET At = EXCLUDED.At, Version = EXCLUDED.Version");
    }

    private static void Correct(NpgsqlBatch batch, RowCorrection correction, List<(NpgsqlBatchCommand, int, string)> expected)
    {
        if (correction.Version >= 0)
            expected.Add((Add(batch, "SELECT 1 FROM Resource WHERE Sid = ANY($1) AND Version = ANY($2) FOR SHARE", (long[])[correction.Sid], (int[])[correction.Version]),
            1, "A resource was written while its index rows were being put right."));
        foreach (var rows in correction.Removed)
            Delete(batch, rows);
        foreach (var rows in correction.Added)
            Insert(batch, rows, " ON CONFLICT DO NOTHING");
    }

    /// <summary>One round trip for all locks of the plan's conditions.</summary>
    private static async Task LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CommitPlan plan, CancellationToken ct)
    {
        var locks = new ConditionLocks(plan);
        await using var batch = new NpgsqlBatch(connection, transaction);
        if (locks.ExclusiveTypes.Length > 0)
            Add(batch, $"SELECT pg_advisory_xact_lock({ConditionLockClass}, t) FROM unnest($1) t", locks.ExclusiveTypes);
        if (locks.SharedTypes.Length > 0)
            Add(batch, $"SELECT pg_advisory_xact_lock_shared({ConditionLockClass}, t) FROM unnest($1) t", locks.SharedTypes);
        if (locks.Keys.Length > 0)
            Add(batch, "SELECT pg_advisory_xact_lock(k) FROM unnest($1) k", locks.Keys);
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(ct);
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

    private static NpgsqlBatchCommand Add(NpgsqlBatch batch, SqlStatement statement)
    {
        var command = new NpgsqlBatchCommand(statement.Text);
        foreach (var argument in statement.Arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>Runs the batch; answers the number its last command reads.</summary>
    private static async Task<long> ExecuteAsync(NpgsqlBatch batch, CancellationToken ct)
    {
        var last = 0L;
        await using var reader = await batch.ExecuteReaderAsync(ct);
        do
        {
            while (await reader.ReadAsync(ct))
                if (reader.FieldCount == 1 && reader.GetFieldType(0) == typeof(long))
                    last = reader.GetInt64(0);
        }
        while (await reader.NextResultAsync(ct));
        return last;
    }

    /// <summary>What became of a transaction whose COMMIT got no answer (reliability R-3): the database itself remembers.</summary>
    private async Task<bool> OutcomeAsync(long transactionId)
    {
        for (var attempt = 0; attempt < Asks; attempt++)
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                await using var command = source.CreateCommand("SELECT pg_xact_status($1::text::xid8)");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = transactionId.ToString(System.Globalization.CultureInfo.InvariantCulture) });
                switch (await command.ExecuteScalarAsync(CancellationToken.None) as string)
                {
                    case "committed": return true;
                    case "aborted": return false;
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidParameterValue)
            {
                return false; // "is in the future": the server restarted and never knew of it
            }
            catch (NpgsqlException)
            {
                // still away: ask again
            }

        throw new StorageUnavailableException("The database went away while it committed. Whether the request was stored is not known: repeat it only if that does no harm.");
    }
}
