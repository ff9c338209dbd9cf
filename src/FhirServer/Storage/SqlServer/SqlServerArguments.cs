using System.Data;
using FhirEmr.FhirServer.Storage.Query;
using Microsoft.Data.SqlClient;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>Arguments with fixed declared types, so that one statement has one plan whatever the lengths of its texts.</summary>
internal static class SqlServerArguments
{
    public static SqlParameter Of(int number, object value) => value switch
    {
        long n => new($"@p{number}", SqlDbType.BigInt) { Value = n },
        int n => new($"@p{number}", SqlDbType.Int) { Value = n },
        short n => new($"@p{number}", SqlDbType.SmallInt) { Value = n },
        string { Length: > 4000 } s => new($"@p{number}", SqlDbType.NVarChar, -1) { Value = s },
        string s => new($"@p{number}", SqlDbType.NVarChar, 4000) { Value = s },
        byte[] b => new($"@p{number}", SqlDbType.VarBinary, -1) { Value = b },
        long[] list => new($"@p{number}", SqlDbType.NVarChar, -1) { Value = JsonList.Of(list) },
        string[] list => new($"@p{number}", SqlDbType.NVarChar, -1) { Value = JsonList.Of(list) },
        _ => throw new ArgumentException($"{value.GetType().Name} is not an argument type.", nameof(value)),
    };

    /// <summary>The same type as T-SQL declares it.</summary>
    public static string Declaration(object value) => value switch
    {
        long => "bigint",
        int => "int",
        short => "smallint",
        string => "nvarchar(4000)",
        byte[] => "varbinary(max)",
        _ => "nvarchar(max)",
    };

    public static void Fill(SqlParameterCollection parameters, params IReadOnlyList<object> values)
    {
        for (var i = 0; i < values.Count; i++)
            parameters.Add(Of(i + 1, values[i]));
    }
}
