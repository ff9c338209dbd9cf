using System.Data;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>Executes one plan in one transaction: new rows by bulk copy, changes to existing ones as one batch.</summary>
/// <remarks>READ COMMITTED with unique keys, as on PostgreSQL: the loser of a race gets a key violation and its plan is stale.</remarks>
internal sealed class SqlServerCommit(string connectionString)
{
    public async Task<CommitResult> RunAsync(PreparedPlan prepared, CancellationToken ct)
    {
        var plan = prepared.Plan;
        await using var connection = new SqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        await LockAsync(connection, transaction, plan, ct);
        foreach (var precondition in plan.Preconditions)
        {
            var search = SearchSql.Sids(SqlDialect.SqlServer, precondition.Query, precondition.ExpectedSids.Count + 1);
            var sids = await SqlServerRead.QueryAsync(connection, transaction, search, r => r.Int64(0), ct);
            if (!sids.SequenceEqual(precondition.ExpectedSids.Order()))
                return new CommitResult.Stale("A search the request was decided on has another answer by now.");
        }

        var creates = plan.Writes.Where(w => w.ExpectedVersion == 0).ToList();
        var updates = plan.Writes.Where(w => w.ExpectedVersion > 0).OrderBy(w => w.Sid).ToList();
        await using var batch = new SqlBatch(connection, transaction);
        var mustChange = new List<SqlBatchCommand>();
        foreach (var bucket in ReferenceLocks.Exclusive(plan))
            Add(batch, SqlServerStatements.NamedLock, $"refs:{bucket}", "Exclusive");
        foreach (var bucket in ReferenceLocks.Shared(plan))
            Add(batch, SqlServerStatements.NamedLock, $"refs:{bucket}", "Shared");
        if (plan.Targets.Distinct().ToArray() is { Length: > 0 } targets)
            Add(batch, SqlServerStatements.TargetsStand, targets, targets.Length);
        foreach (var statement in plan.Statements)
        {
            var (text, arguments) = statement.Compose(SqlDialect.SqlServer);
            var command = Add(batch, text, [.. arguments]);
            if (statement.MustChange is not null)
                mustChange.Add(command);
        }

        foreach (var rows in plan.Records)
            AddRows(batch, rows, SqlServerStatements.AddRow);
        SqlServerContents.Add(batch, plan.Contents, mustChange);
        foreach (var (sid, key) in plan.Anchors.Distinct())
            Add(batch, SqlServerStatements.Anchor, sid, (short)ResourceTypes.NumberOf(key.Type), key.Id);
        if (creates.Count > 0)
            Add(batch, SqlServerStatements.DropAnchors, creates.ConvertAll(w => w.Sid).ToArray());
        foreach (var write in updates)
        {
            mustChange.Add(Add(batch, SqlServerStatements.KeepOld, write.Sid, write.ExpectedVersion));
            mustChange.Add(Add(batch, SqlServerStatements.Update, [.. ColumnRows.Resources([write]).Values.Select(v => v.GetValue(0)!)]));
        }

        foreach (var fill in plan.Fills.OrderBy(f => f.Sid))
            mustChange.Add(Add(batch, SqlServerStatements.HoldVersion, fill.Sid, fill.Version));
        foreach (var (hash, text) in plan.Texts.OrderBy(t => t.Key))
            Add(batch, SqlServerStatements.Text, hash, text);
        foreach (var (type, hash, set) in plan.Shapes)
            Add(batch, SqlServerStatements.Shape, (short)type, hash, set);

        AddRows(batch, ColumnRows.Displays(plan), SqlServerStatements.InsertNew);
        foreach (var purge in plan.Purges)
        {
            mustChange.Add(Add(batch, SqlServerStatements.Purge, purge.Sid, purge.ExpectedVersion));
            Add(batch, SqlServerStatements.PurgeHistory, purge.Sid);
            AddRows(batch, ColumnRows.Purged([purge]), SqlServerStatements.InsertRow);
        }

        foreach (var correction in plan.Corrections)
        {
            if (correction.Version >= 0)
                Add(batch, SqlServerStatements.StillAt, correction.Sid, correction.Version);
            foreach (var rows in correction.Removed)
                AddRows(batch, rows, SqlServerStatements.DeleteRow);
            foreach (var rows in correction.Added)
                AddRows(batch, rows, SqlServerStatements.InsertRow);
        }

        var index = ColumnRows.Index(prepared).ToList();
        var bulk = updates.Count == 0 && plan.Fills.Count == 0; // rows of new resources cannot be there yet
        foreach (var (removed, added) in index)
        {
            AddRows(batch, removed, SqlServerStatements.DeleteRow);
            if (!bulk)
                AddRows(batch, added, SqlServerStatements.InsertRow);
        }

        if (plan.Purges.Count > 0)
            Add(batch, SqlServerStatements.DropPurged, plan.Purges.ConvertAll(p => p.Sid).ToArray(), SearchParameters.ReferenceCodes.ToArray());
        if (plan.DeletesOnlyUnreferenced && updates.Where(w => w.IsDeleted).Concat(plan.Purges).Select(w => w.Sid).ToArray() is { Length: > 0 } deleted)
            Add(batch, SqlServerStatements.NothingRefers, SearchParameters.ReferenceCodes.ToArray(), deleted);

        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(ct);
        if (mustChange.Exists(c => c.RecordsAffected != 1))
            return new CommitResult.Stale("A resource is no longer at the version it was read at, or the content of a Binary is gone.");

        var changes = new ColumnRows("Change", ["Sid", "Version"], [plan.Writes.ConvertAll(w => w.Sid).ToArray(), plan.Writes.ConvertAll(w => w.Version).ToArray()]);
        foreach (var rows in (bulk ? index.Select(i => i.Added) : []).Prepend(ColumnRows.Resources(creates)).Append(changes))
            await BulkAsync(connection, transaction, rows, ct);

        // From here the caller can no longer interrupt: a COMMIT under way is waited for.
        await transaction.CommitAsync(CancellationToken.None);
        return new CommitResult.Committed();
    }

    /// <summary>One round trip for all locks of the plan's conditions.</summary>
    private static async Task LockAsync(SqlConnection connection, SqlTransaction transaction, CommitPlan plan, CancellationToken ct)
    {
        var locks = new ConditionLocks(plan);
        await using var batch = new SqlBatch(connection, transaction);
        foreach (var type in locks.ExclusiveTypes)
            Add(batch, SqlServerStatements.NamedLock, $"type:{type}", "Exclusive");
        foreach (var type in locks.SharedTypes)
            Add(batch, SqlServerStatements.NamedLock, $"type:{type}", "Shared");
        foreach (var key in locks.Keys)
            Add(batch, SqlServerStatements.NamedLock, $"key:{key}", "Exclusive");
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(ct);
    }

    private static async Task BulkAsync(SqlConnection connection, SqlTransaction transaction, ColumnRows rows, CancellationToken ct)
    {
        if (rows.Count == 0)
            return;

        using var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        using var copy = new SqlBulkCopy(connection, SqlBulkCopyOptions.Default, transaction) { DestinationTableName = $"[{rows.Table}]" };
        foreach (var (column, values) in rows.Columns.Zip(rows.Values))
        {
            table.Columns.Add(column, values.GetType().GetElementType()!);
            copy.ColumnMappings.Add(column, column);
        }

        for (var i = 0; i < rows.Count; i++)
            table.Rows.Add([.. rows.Values.Select(v => v.GetValue(i))]);
        await copy.WriteToServerAsync(table, ct);
    }

    private static void AddRows(SqlBatch batch, ColumnRows rows, Func<string, string[], string> statement)
    {
        for (var i = 0; i < rows.Count; i++)
            Add(batch, statement(rows.Table, rows.Columns), [.. rows.Values.Select(v => v.GetValue(i)!)]);
    }

    internal static SqlBatchCommand Add(SqlBatch batch, string sql, params object[] arguments)
    {
        var command = new SqlBatchCommand(sql);
        SqlServerArguments.Fill(command.Parameters, arguments);
        batch.BatchCommands.Add(command);
        return command;
    }
}
