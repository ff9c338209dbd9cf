using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Audit;

/// <summary>Statements that find rows of the audit by what is filed beside them.</summary>
/// <remarks>
/// One filter drives: its rows lie together in the order of time, so a page is read from its end. The others are looked up row by row, each by
/// the whole key of table AuditKey.
/// </remarks>
internal static class AuditSearchSql
{
    public static SqlStatement Page(SqlDialect dialect, AuditRange range, (short Kind, long Value)? driver, IReadOnlyList<(short Kind, IReadOnlyList<long> Values)> others, int limit)
    {
        var a = new SqlArguments(dialect);
        var count = a.Add((long)limit);
        var (from, number) = driver is null ? ("FROM Audit a", "a.Number") : ("FROM AuditKey k JOIN Audit a ON a.Number = k.Number", "k.Number");
        return new(
            $"SELECT {dialect.Top(count)}a.Number, a.Node, a.Body, a.Mac {from} WHERE {Condition(dialect, a, range, driver, others, number)} "
            + $"ORDER BY {number}{(range.IsAscending ? "" : " DESC")}{dialect.Limit(count)}", a.Values);
    }

    public static SqlStatement Count(SqlDialect dialect, AuditRange range, (short Kind, IReadOnlyList<long> Values)? driver, IReadOnlyList<(short Kind, IReadOnlyList<long> Values)> others)
    {
        var a = new SqlArguments(dialect);
        if (driver is not { } by)
            return new($"SELECT COUNT(*) FROM Audit a WHERE {Condition(dialect, a, range, null, others, "a.Number")}", a.Values);
        return new(
            $"SELECT COUNT(DISTINCT k.Number) FROM AuditKey k WHERE k.Kind = {a.Add((long)by.Kind)} AND {dialect.InNumbers("k.Value", a.Add(by.Values.ToArray()))} "
            + $"AND {Condition(dialect, a, range, null, others, "k.Number")}", a.Values);
    }

    /// <summary>Rows of one value, counted up to a limit: how good it is as a driver.</summary>
    public static SqlStatement Some(SqlDialect dialect, AuditRange range, short kind, long value, int limit)
    {
        var a = new SqlArguments(dialect);
        var count = a.Add((long)limit);
        return new(
            $"SELECT COUNT(*) FROM (SELECT {dialect.Top(count)}k.Number FROM AuditKey k WHERE k.Kind = {a.Add((long)kind)} AND k.Value = {a.Add(value)} "
            + $"AND k.Number >= {a.Add(range.From)} AND k.Number < {a.Add(range.Until)}{dialect.Limit(count)}) few", a.Values);
    }

    private static string Condition(
        SqlDialect dialect, SqlArguments a, AuditRange range, (short Kind, long Value)? driver, IReadOnlyList<(short Kind, IReadOnlyList<long> Values)> others, string number)
    {
        var terms = new List<string>();
        if (driver is { } by)
            terms.Add($"k.Kind = {a.Add((long)by.Kind)} AND k.Value = {a.Add(by.Value)}");
        terms.Add($"{number} >= {a.Add(range.From)} AND {number} < {a.Add(range.Until)}");
        foreach (var (kind, values) in others)
            terms.Add(dialect.LookUp($"FROM AuditKey x WHERE x.Kind = {a.Add((long)kind)} AND {dialect.InNumbers("x.Value", a.Add(values.ToArray()))} AND x.Number = {number}"));
        return string.Join(" AND ", terms);
    }
}

/// <param name="From">Smallest key, inclusive.</param>
/// <param name="Until">Largest key, exclusive.</param>
internal readonly record struct AuditRange(long From, long Until, bool IsAscending);
