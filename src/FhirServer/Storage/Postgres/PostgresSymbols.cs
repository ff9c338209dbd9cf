using FhirEmr.FhirServer.Storage.Symbols;
using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>Numbers given by the database in transactions of their own: other nodes make them too.</summary>
internal sealed class PostgresSymbols(NpgsqlDataSource source) : SymbolTable
{
    private int newest;

    public void Load()
    {
        using var connection = source.OpenConnection();
        Read(connection, "SELECT Number, Type, Code FROM Parameter", r => LoadParameter(r.GetString(1), r.GetString(2), r.GetInt32(0)));
        LoadNew(connection, 0);
    }

    protected override int CreateSymbol(string text)
    {
        using var connection = source.OpenConnection();
        return One(connection, "SELECT Number FROM Symbol WHERE Text = $1", text)
            ?? One(connection, "INSERT INTO Symbol (Text) VALUES ($1) ON CONFLICT (Text) DO UPDATE SET Text = EXCLUDED.Text RETURNING Number", text)!.Value;
    }

    protected override int CreateParameter(string type, string code)
    {
        using var connection = source.OpenConnection();
        const string Insert = "INSERT INTO Parameter (Type, Code) VALUES ($1, $2) ON CONFLICT (Type, Code) DO UPDATE SET Code = EXCLUDED.Code RETURNING Number";
        return One(connection, Insert, type, code)!.Value;
    }

    protected override int? FindParameterElsewhere(string type, string code)
    {
        using var connection = source.OpenConnection();
        return One(connection, "SELECT Number FROM Parameter WHERE Type = $1 AND Code = $2", type, code);
    }

    protected override int? FindElsewhere(string text)
    {
        using var connection = source.OpenConnection();
        if (One(connection, "SELECT Number FROM Symbol WHERE Text = $1", text) is not { } number)
            return null;

        LoadSymbol(text, number);
        return number;
    }

    protected override void CatchUp()
    {
        using var connection = source.OpenConnection();

        // Numbers become visible out of order: look a little behind the newest one seen.
        LoadNew(connection, newest - 1000);
    }

    private void LoadNew(NpgsqlConnection connection, int after)
    {
        Read(connection, $"SELECT Number, Text FROM Symbol WHERE Number > {after}", r =>
        {
            LoadSymbol(r.GetString(1), r.GetInt32(0));
            newest = Math.Max(newest, r.GetInt32(0));
        });
        Read(connection, "SELECT Type, Hash, Params FROM Shape", r => LoadShape(r.GetInt16(0), r.GetInt64(1), r.GetString(2)));
    }

    private static void Read(NpgsqlConnection connection, string sql, Action<NpgsqlDataReader> row)
    {
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = command.ExecuteReader();
        while (reader.Read())
            row(reader);
    }

    private static int? One(NpgsqlConnection connection, string sql, params string[] arguments)
    {
        using var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = argument });
        return (int?)command.ExecuteScalar();
    }
}
