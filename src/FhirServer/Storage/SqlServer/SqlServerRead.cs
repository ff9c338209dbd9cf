using System.Data;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>A pooled connection as one snapshot.</summary>
internal sealed class SqlServerRead(SqlConnection connection, SqlTransaction? transaction, int timeoutSeconds) : IReadSession
{
    private int limit = timeoutSeconds;

    public static async ValueTask<SqlServerRead> OpenAsync(string connectionString, bool manyStatements, int timeoutSeconds, CancellationToken ct)
    {
        var connection = new SqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(ct);
            return new(connection, manyStatements ? (SqlTransaction)await connection.BeginTransactionAsync(IsolationLevel.Snapshot, ct) : null, timeoutSeconds);
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
        {
            await transaction.RollbackAsync(CancellationToken.None); // nothing was written: ending it is all
            await transaction.DisposeAsync();
        }

        await connection.DisposeAsync();
    }

    public static async ValueTask<List<T>> QueryAsync<T>(
        SqlConnection connection, SqlTransaction? transaction, SqlStatement statement, Func<IRow, T> map, CancellationToken ct, int? timeoutSeconds = null)
    {
        await using var command = new SqlCommand(statement.Text, connection, transaction);
        if (timeoutSeconds is { } most)
            command.CommandTimeout = most;
        SqlServerArguments.Fill(command.Parameters, statement.Arguments);
        var rows = new List<T>();
        try
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            var row = new Row(reader);
            while (await reader.ReadAsync(ct))
                rows.Add(map(row));
        }
        catch (SqlException e) when (e.Number == -2 && timeoutSeconds is not null)
        {
            throw new StorageTimeoutException("A statement ran longer than it may.", e);
        }

        return rows;
    }

    private sealed class Row(SqlDataReader reader) : IRow
    {
        public long Int64(int column) => reader.GetValue(column) switch
        {
            long n => n,
            int n => n,
            short n => n,
            var other => throw new InvalidCastException($"Column {column} is {other.GetType().Name}."),
        };

        public bool IsNull(int column) => reader.IsDBNull(column);

        public string Text(int column) => reader.GetString(column);

        public ReadOnlySpan<byte> Blob(int column) => reader.IsDBNull(column) ? default : reader.GetFieldValue<byte[]>(column);
    }
}
