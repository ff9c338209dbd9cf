using System.Data;
using FhirEmr.FhirServer.Storage.Query;
using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>A pooled connection as one snapshot.</summary>
internal sealed class PostgresRead(NpgsqlConnection connection, NpgsqlTransaction? transaction, int timeoutSeconds) : IReadSession
{
    private int limit = timeoutSeconds;

    public static async ValueTask<PostgresRead> OpenAsync(NpgsqlDataSource source, bool manyStatements, int timeoutSeconds, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            // REPEATABLE READ is PostgreSQL's snapshot: its first statement fixes what all see.
            return new(connection, manyStatements ? await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct) : null, timeoutSeconds);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct) =>
        QueryAsync(connection, transaction, statement, map, ct, limit);

    public void LiftLimit() => limit = 0;

    public async ValueTask DisposeAsync()
    {
        if (transaction is not null)
            await transaction.DisposeAsync(); // nothing was written: ending it is all
        await connection.DisposeAsync();
    }

    public static async ValueTask<List<T>> QueryAsync<T>(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, SqlStatement statement, Func<IRow, T> map, CancellationToken ct, int? timeoutSeconds = null)
    {
        await using var command = new NpgsqlCommand(statement.Text, connection, transaction);
        if (timeoutSeconds is { } most)
            command.CommandTimeout = most; // Npgsql then cancels the statement on the server, too
        foreach (var argument in statement.Arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        var rows = new List<T>();
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var row = new Row(reader);
            while (await reader.ReadAsync(ct))
                rows.Add(map(row));
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException && timeoutSeconds is not null)
        {
            throw new StorageTimeoutException("A statement ran longer than it may.", e);
        }

        return rows;
    }

    private sealed class Row(NpgsqlDataReader reader) : IRow
    {
        public long Int64(int column) => reader.GetInt64(column);

        public bool IsNull(int column) => reader.IsDBNull(column);

        public string Text(int column) => reader.GetString(column);

        public ReadOnlySpan<byte> Blob(int column) => reader.IsDBNull(column) ? default : reader.GetFieldValue<byte[]>(column);
    }
}
