using System.Data.Common;
using Npgsql;

namespace FhirEmr.FhirServer.Storage;

/// <summary>The pools of a node: how many connections it opens at most, unless the connection string says it.</summary>
/// <remarks>
/// A server as it is installed lets 97 in: two nodes and whoever takes the backup fit. More would not be faster, and one too many is refused
/// (53300), where a request that finds none free only waits some milliseconds.
/// </remarks>
internal static class PostgresPool
{
    public const int Records = 32;
    public const int Accounts = 12;

    /// <summary>For the numbers of symbols, apart from the records': whoever asks for one mostly holds a connection, and must not wait for a second of the same pool.</summary>
    public const int Numbers = 3;

    public static string Sized(string connectionString, int size)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "fhir-emr" };
        if (!Says(connectionString, "Maximum Pool Size"))
            settings.MaxPoolSize = Math.Max(size, settings.MinPoolSize);
        return settings.ConnectionString;
    }

    /// <summary>Npgsql's own builder says of every keyword it knows that it is there: only a plain one tells what was written.</summary>
    public static bool Says(string connectionString, string keyword) => new DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey(keyword);
}
