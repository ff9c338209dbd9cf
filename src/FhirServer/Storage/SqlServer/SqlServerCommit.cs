using System.Data;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>Executes one plan in one transaction: new rows by bulk copy, changes to existing ones as one batch.</summary>
/// <remarks>READ COMMITTED with unique keys, as on PostgreSQL: the loser of a race gets a key violation and its plan is stale.</remarks>
internal sealed class SqlServerCommit(string connectionString, ISymbols symbols)
{
    public async Task<CommitResult> RunAsync(PreparedPlan prepared, CancellationToken ct)
    {
        var plan = prepared.Plan;
        await using var connection = new SqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await using var transaction = (SqlTransaction)await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        foreach (var (name, precondition) in plan.Preconditions.Select(p => (LockName(p), p)).OrderBy(p => p.Item1, StringComparer.Ordinal))
        {
            await using var getLock = new SqlCommand(SqlServerStatements.Lock, connection, transaction);
            SqlServerArguments.Fill(getLock.Parameters, name);
            if ((int)(await getLock.ExecuteScalarAsync(ct))! < 0)
                return new CommitResult.Stale("An equal request is still running.");

            var search = SearchSql.Sids(SqlDialect.SqlServer, precondition.Query, precondition.ExpectedSids.Count + 1);
            var sids = await SqlServerRead.QueryAsync(connection, transaction, search, r => r.Int64(0), ct);
            if (!sids.SequenceEqual(precondition.ExpectedSids.Order()))
                return new CommitResult.Stale("A search the request was decided on has another answer by now.");
        }

        var creates = plan.Writes.Where(w => w.ExpectedVersion == 0).ToList();
        var updates = plan.Writes.Where(w => w.ExpectedVersion > 0).OrderBy(w => w.Sid).ToList();
        await using var batch = new SqlBatch(connection, transaction);
        var mustChange = new List<SqlBatchCommand>();
        foreach (var content in plan.Contents)
            Content(batch, content, mustChange);
        foreach (var (sid, key) in plan.Anchors.Distinct())
            Add(batch, SqlServerStatements.Anchor, sid, (short)ResourceTypes.NumberOf(key.Type), key.Id);
        if (creates.Count > 0)
            Add(batch, SqlServerStatements.DropAnchors, creates.ConvertAll(w => w.Sid).ToArray());
        foreach (var write in updates)
        {
            mustChange.Add(Add(batch, SqlServerStatements.KeepOld, write.Sid, write.ExpectedVersion));
            mustChange.Add(Add(batch, SqlServerStatements.Update, [.. ColumnRows.Resources([write]).Values.Select(v => v.GetValue(0)!)]));
        }

        foreach (var (hash, text) in plan.Texts.OrderBy(t => t.Key))
            Add(batch, SqlServerStatements.Text, hash, text);
        foreach (var (type, hash, set) in plan.Shapes)
            Add(batch, SqlServerStatements.Shape, (short)type, hash, set);

        var index = ColumnRows.Index(prepared).ToList();
        var bulk = updates.Count == 0; // rows of new resources cannot be there yet
        foreach (var (removed, added) in index)
        {
            AddRows(batch, removed, SqlServerStatements.DeleteRow);
            if (!bulk)
                AddRows(batch, added, SqlServerStatements.InsertRow);
        }

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

    private static void Content(SqlBatch batch, ContentWrite write, List<SqlBatchCommand> mustChange)
    {
        var command = write switch
        {
            ContentWrite.Begin b => Add(batch, SqlServerStatements.BeginContent, b.Content, b.Created),
            ContentWrite.Piece p => Add(batch, SqlServerStatements.AddPiece, p.Content, p.Ordinal, p.Data),
            ContentWrite.Close c => Add(batch, SqlServerStatements.CloseContent, c.Content, c.Size, c.Digest),
            ContentWrite.Refer => Add(batch, SqlServerStatements.ReferToContent, write.Content),
            _ => Add(batch, SqlServerStatements.DropContent, write.Content),
        };
        if (write.MustFind is not null)
            mustChange.Add(command);
        if (write is ContentWrite.Drop)
            Add(batch, SqlServerStatements.DropPieces, write.Content);
    }

    private string LockName(Precondition precondition)
    {
        var search = SearchSql.Sids(SqlDialect.SqlServer, precondition.Query, 1);
        var text = new StringBuilder(search.Text);
        foreach (var argument in search.Arguments)
            text.Append('\u001f').Append(argument is Array list ? string.Join(',', list.Cast<object>()) : argument);
        return "search:" + symbols.Hash(Encoding.UTF8.GetBytes(text.ToString())).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
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

    private static SqlBatchCommand Add(SqlBatch batch, string sql, params object[] arguments)
    {
        var command = new SqlBatchCommand(sql);
        SqlServerArguments.Fill(command.Parameters, arguments);
        batch.BatchCommands.Add(command);
        return command;
    }
}
