using System.Data;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>A pooled connection as one snapshot.</summary>
internal sealed class SqlServerRead(SqlConnection connection, SqlTransaction? transaction) : IReadSession
{
    public static async ValueTask<SqlServerRead> OpenAsync(string connectionString, bool manyStatements, CancellationToken ct)
    {
        var connection = new SqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(ct);
            return new(connection, manyStatements ? (SqlTransaction)await connection.BeginTransactionAsync(IsolationLevel.Snapshot, ct) : null);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct) =>
        QueryAsync(connection, transaction, statement, map, ct);

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
        SqlConnection connection, SqlTransaction? transaction, SqlStatement statement, Func<IRow, T> map, CancellationToken ct)
    {
        await using var command = new SqlCommand(statement.Text, connection, transaction);
        SqlServerArguments.Fill(command.Parameters, statement.Arguments);
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        var row = new Row(reader);
        while (await reader.ReadAsync(ct))
            rows.Add(map(row));
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
