namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A profile, tag or security label that some resource has.</summary>
/// <param name="Element"><c>profile</c>, <c>security</c> or <c>tag</c>.</param>
/// <param name="System">Of a label; null for none.</param>
/// <param name="Value">Code of a label, or canonical URL of a profile.</param>
internal sealed record MetaInUse(string Element, string? System, string Value);

/// <summary>Statements on what the current versions carry in their meta, answered by the index.</summary>
internal static class MetaSql
{
    public const int Most = 1000;

    public static SqlStatement Labels(SqlDialect dialect, long[] parameters, AccessSql access, IReadOnlyList<string> types)
    {
        var arguments = new SqlArguments(dialect);
        var (numbers, count) = (arguments.Add(parameters), arguments.Add((long)Most));
        return new(
            $"SELECT DISTINCT {dialect.Top(count)}x.Text, s.Text FROM Token t JOIN TokenText x ON x.Hash = t.Hash LEFT JOIN Symbol s ON s.Number = t.System "
            + $"WHERE {dialect.InNumbers("t.Param", numbers)}{Seen(access, types, arguments, "t.Sid")}{dialect.Limit(count)}", arguments.Values);
    }

    public static SqlStatement Profiles(SqlDialect dialect, long[] parameters, AccessSql access, IReadOnlyList<string> types)
    {
        var arguments = new SqlArguments(dialect);
        var (numbers, count) = (arguments.Add(parameters), arguments.Add((long)Most));
        return new(
            $"SELECT DISTINCT {dialect.Top(count)}u.Value FROM Uri u WHERE {dialect.InNumbers("u.Param", numbers)}{Seen(access, types, arguments, "u.Sid")}{dialect.Limit(count)}",
            arguments.Values);
    }

    private static string Seen(AccessSql access, IReadOnlyList<string> types, SqlArguments arguments, string sid) => access.OfAny(types, arguments, "r") is { Length: > 0 } reach
        ? $" AND EXISTS (SELECT 1 FROM Resource r WHERE r.Sid = {sid}{reach})" : "";
}
