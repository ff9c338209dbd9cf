using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>How many rows there are, from the first few of them: statements that cost the same however large the store.</summary>
internal static class CountSql
{
    /// <summary>Rows looked at; beyond them their density tells the rest.</summary>
    public const long Sample = 10_000;

    /// <summary>Number of the first index rows of a condition, least and greatest key among them. Keys spread evenly enough over the rows.</summary>
    public static SqlStatement First(SqlDialect dialect, SearchExpression leaf)
    {
        var arguments = new SqlArguments(dialect);
        return First(dialect, arguments, Key(leaf), Rows(dialect, arguments, leaf));
    }

    /// <summary>The greatest key of all rows; null when it takes reading them all.</summary>
    public static SqlStatement? Last(SqlDialect dialect, SearchExpression leaf)
    {
        var arguments = new SqlArguments(dialect);
        return Key(leaf) is { } key ? new($"SELECT COALESCE(MAX({key}), 0) {Rows(dialect, arguments, leaf)}", arguments.Values) : null;
    }

    public static SqlStatement All(SqlDialect dialect, SearchExpression leaf)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT COUNT(*) {Rows(dialect, arguments, leaf)}", arguments.Values);
    }

    public static SqlStatement FirstOfType(SqlDialect dialect, string type)
    {
        var arguments = new SqlArguments(dialect);
        return First(dialect, arguments, "x.Sid", OfType(type));
    }

    public static SqlStatement LastOfType(string type) => new($"SELECT COALESCE(MAX(x.Sid), 0) {OfType(type)}", []);

    private static SqlStatement First(SqlDialect dialect, SqlArguments arguments, string? key, string rows)
    {
        var limit = arguments.Add(Sample);
        return new(
            $"SELECT COUNT(*), COALESCE(MIN(w.K), 0), COALESCE(MAX(w.K), 0) FROM (SELECT {dialect.Top(limit)}{key ?? "x.Sid"} AS K {rows}"
            + $"{(key is null ? "" : $" ORDER BY {key}")}{dialect.Limit(limit)}) w",
            arguments.Values);
    }

    private static string OfType(string type) => $"FROM Resource x WHERE x.Type = {ResourceTypes.NumberOf(type)} AND x.Deleted = 0";

    private static string Rows(SqlDialect dialect, SqlArguments arguments, SearchExpression leaf) =>
        $"FROM {LeafSql.From(leaf, "x")} WHERE {new LeafSql(dialect, arguments).Condition(leaf, "x")}";

    /// <summary>What the rows of the condition are ordered by in their index.</summary>
    private static string? Key(SearchExpression leaf) => leaf switch
    {
        SearchExpression.Token { Hash: not null } => "x.Owner",
        SearchExpression.Reference { Targets.Count: 1 } => "x.Sid",
        SearchExpression.Date => "x.Lo",
        _ => null,
    };
}
