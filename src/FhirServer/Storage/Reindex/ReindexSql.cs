using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Statements of the reindex.</summary>
internal static class ReindexSql
{
    /// <summary>Index tables that hold rows of a custom parameter, with the columns that make up a row's key.</summary>
    public static readonly IReadOnlyList<(string Table, string[] Columns)> Tables =
    [
        ("Token", ["Param", "Hash", "Owner", "Sid", "System"]),
        ("Reference", ["Param", "Target", "Sid", "Owner"]),
        ("Date", ["Param", "Owner", "Lo", "Hi", "Sid", "DayLo", "DayHi"]),
        ("String", ["Param", "Folded", "Exact", "Owner", "Sid"]),
        ("Number", ["Param", "Value", "Owner", "Sid"]),
        ("Quantity", ["Param", "Unit", "Value", "Owner", "Sid"]),
        ("Uri", ["Param", "Value", "Sid", "Owner"]),
    ];

    /// <summary>Current resources of a type in the order of their keys.</summary>
    public static SqlStatement All(SqlDialect dialect, string type) => new(
        $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND r.Deleted = 0 ORDER BY r.Sid", []);

    /// <summary>The next ones behind a key.</summary>
    public static SqlStatement After(SqlDialect dialect, string type, long sid, int limit)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND r.Deleted = 0 "
            + $"AND r.Sid > {dialect.Argument(1)} ORDER BY r.Sid{dialect.Limit(count)}", [sid, (long)limit]);
    }

    public static SqlStatement Count(SqlDialect dialect, IReadOnlyList<string> types) => new(
        $"SELECT COUNT(*) FROM Resource r WHERE r.Deleted = 0 AND {dialect.InNumbers("r.Type", dialect.Argument(1))}", [types.Select(t => (long)ResourceTypes.NumberOf(t)).ToArray()]);

    /// <summary>Some rows of a parameter.</summary>
    public static SqlStatement Rows(SqlDialect dialect, string table, string[] columns, int param, int limit)
    {
        var count = dialect.Argument(1);
        return new(
            $"SELECT {dialect.Top(count)}{string.Join(", ", columns.Select(c => "x." + c))} FROM {table} x WHERE x.Param = {param}{dialect.Limit(count)}", [(long)limit]);
    }

    public static SqlStatement Delete(SqlDialect dialect, string table, string[] columns, IReadOnlyList<object> values) => new(
        $"DELETE FROM {table} WHERE {string.Join(" AND ", columns.Select((c, i) => $"{c} = {dialect.Argument(i + 1)}"))}", values);

    public static bool IsText(string column) => column is "Folded" or "Exact" or "Value";
}
