using FhirEmr.FhirServer.Storage.Symbols;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>Numbers given by the database in transactions of their own: other nodes make them too.</summary>
internal sealed class SqlServerSymbols(string connectionString) : SymbolTable
{
    private int newest;

    public void Load()
    {
        using var connection = Open();
        Read(connection, SqlServerStatements.Parameters, [], r => LoadParameter(r.GetString(1), r.GetString(2), r.GetInt32(0)));
        LoadNew(connection, 0);
    }

    protected override int CreateSymbol(string text) => FindOrAdd(SqlServerStatements.FindSymbol, SqlServerStatements.AddSymbol, text);

    protected override int CreateParameter(string type, string code) =>
        FindOrAdd(SqlServerStatements.FindParameter, SqlServerStatements.AddParameter, type, code);

    protected override int? FindParameterElsewhere(string type, string code)
    {
        using var connection = Open();
        return One(connection, SqlServerStatements.FindParameter, type, code);
    }

    protected override int? FindElsewhere(string text)
    {
        using var connection = Open();
        if (One(connection, SqlServerStatements.FindSymbol, text) is not { } number)
            return null;

        LoadSymbol(text, number);
        return number;
    }

    protected override void CatchUp()
    {
        using var connection = Open();

        // Numbers become visible out of order: look a little behind the newest one seen.
        LoadNew(connection, newest - 1000);
    }

    private void LoadNew(SqlConnection connection, int after)
    {
        Read(connection, SqlServerStatements.Symbols, [after], r =>
        {
            LoadSymbol(r.GetString(1), r.GetInt32(0));
            newest = Math.Max(newest, r.GetInt32(0));
        });
        Read(connection, SqlServerStatements.Shapes, [], r => LoadShape(r.GetInt16(0), r.GetInt64(1), r.GetString(2)));
    }

    private int FindOrAdd(string find, string add, params string[] arguments)
    {
        using var connection = Open();
        if (One(connection, find, arguments) is { } known)
            return known;

        using (var command = new SqlCommand(add, connection))
        {
            SqlServerArguments.Fill(command.Parameters, arguments);
            command.ExecuteNonQuery();
        }

        return One(connection, find, arguments)!.Value;
    }

    private SqlConnection Open()
    {
        var connection = new SqlConnection(connectionString);
        connection.Open();
        return connection;
    }

    private static void Read(SqlConnection connection, string sql, IReadOnlyList<object> arguments, Action<SqlDataReader> row)
    {
        using var command = new SqlCommand(sql, connection);
        SqlServerArguments.Fill(command.Parameters, arguments);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            row(reader);
    }

    private static int? One(SqlConnection connection, string sql, params string[] arguments)
    {
        using var command = new SqlCommand(sql, connection);
        SqlServerArguments.Fill(command.Parameters, arguments);
        return (int?)command.ExecuteScalar();
    }
}
