using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Statements of the reindex.</summary>
internal static class ReindexSql
{
    /// <summary>Index tables with the columns that make up a row's key, in the order of it.</summary>
    public static readonly IReadOnlyList<(string Table, string[] Columns)> Tables =
    [
        ("Token", ["Param", "Hash", "Owner", "Sid", "System"]),
        ("Reference", ["Param", "Target", "Sid", "Owner"]),
        ("Date", ["Param", "Owner", "Lo", "Hi", "Sid", "DayLo", "DayHi"]),
        ("String", ["Param", "Folded", "Exact", "Owner", "Sid"]),
        ("Number", ["Param", "Value", "Owner", "Sid"]),
        ("Quantity", ["Param", "Unit", "Value", "Owner", "Sid"]),
        ("Uri", ["Param", "Value", "Sid", "Owner"]),
        ("Composite", ["Param", "Hash", "Unit", "Value", "Owner", "Sid", "System"]),
        ("Word", ["Param", "Word", "Owner", "Sid"]),
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

    /// <summary>One resource that was ever written, if there is one.</summary>
    public static SqlStatement Any(SqlDialect dialect)
    {
        var count = dialect.Argument(1);
        return new($"SELECT {dialect.Top(count)}r.Sid FROM Resource r WHERE r.Version > 0{dialect.Limit(count)}", [1L]);
    }

    /// <summary>Numbers and codes of all parameters of a type, of those no longer in use too.</summary>
    public static SqlStatement Parameters(SqlDialect dialect, string type) => new($"SELECT p.Number, p.Code FROM Parameter p WHERE p.Type = {dialect.Argument(1)}", [type]);

    /// <summary>Rows and the sum of their surrogate keys by parameter, up to a resource.</summary>
    public static SqlStatement Tally(SqlDialect dialect, string table, IEnumerable<int> parameters, long lastSid) => new(
        $"SELECT x.Param, COUNT(*), CAST(SUM(x.Sid) AS bigint) FROM {table} x WHERE {dialect.InNumbers("x.Param", dialect.Argument(1))} AND x.Sid <= {dialect.Argument(2)} GROUP BY x.Param",
        [parameters.Select(p => (long)p).ToArray(), lastSid]);

    /// <summary>
    /// The next rows of a parameter behind a key, in its order: statement by statement, each one range of the key, from those that share most of
    /// it with the last row to those that share nothing.
    /// </summary>
    public static IEnumerable<SqlStatement> RowsBehind(SqlDialect dialect, string table, string[] columns, int param, IReadOnlyList<object> key, int limit)
    {
        if (key.Count == 0)
            yield return Range("", 1, [(long)limit], dialect.Argument(1));
        for (var i = key.Count; i > 0; i--)
        {
            var condition = string.Concat(columns[1..i].Select((c, at) => $" AND x.{c} = {dialect.Argument(at + 1)}")) + $" AND x.{columns[i]} > {dialect.Argument(i)}";
            yield return Range(condition, i, [.. key.Take(i), (long)limit], dialect.Argument(i + 1));
        }

        SqlStatement Range(string condition, int from, IReadOnlyList<object> arguments, string count) => new(
            $"SELECT {dialect.Top(count)}{string.Join(", ", columns.Select(c => "x." + c))} FROM {table} x WHERE x.Param = {param}{condition} "
            + $"ORDER BY {string.Join(", ", columns[from..].Select(c => "x." + c))}{dialect.Limit(count)}", arguments);
    }

    /// <summary>Takes a row away whose resource is not current.</summary>
    public static SqlStatement DeleteOrphan(SqlDialect dialect, string table, string[] columns, IReadOnlyList<object> values)
    {
        var delete = Delete(dialect, table, columns, values);
        return delete with { Text = $"{delete.Text} AND NOT EXISTS (SELECT 1 FROM Resource r WHERE r.Sid = {dialect.Argument(Array.IndexOf(columns, "Sid") + 1)} AND r.Deleted = 0)" };
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

    public static bool IsText(string column) => column is "Folded" or "Exact" or "Value" or "Word";
}
