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

    public static SqlStatement Labels(SqlDialect dialect, long[] parameters)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT DISTINCT {dialect.Top(count)}x.Text, s.Text FROM Token t JOIN TokenText x ON x.Hash = t.Hash LEFT JOIN Symbol s ON s.Number = t.System "
            + $"WHERE {dialect.InNumbers("t.Param", dialect.Argument(1))}{dialect.Limit(count)}", [parameters, (long)Most]);
    }

    public static SqlStatement Profiles(SqlDialect dialect, long[] parameters)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT DISTINCT {dialect.Top(count)}u.Value FROM Uri u WHERE {dialect.InNumbers("u.Param", dialect.Argument(1))}{dialect.Limit(count)}",
            [parameters, (long)Most]);
    }
}
