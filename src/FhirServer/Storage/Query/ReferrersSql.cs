using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Which current resources refer to others, through any element.</summary>
/// <remarks>
/// The index is ordered by parameter and target, so a target costs one seek for each reference parameter that the store has numbered: some
/// hundreds at most, well below a millisecond, and no further index to keep on every write.
/// </remarks>
internal static class ReferrersSql
{
    /// <summary>Referring resources in order of their surrogate keys: Sid, Type, Id, Version.</summary>
    public static SqlStatement Page(SqlDialect dialect, IReadOnlyList<long> targets, IReadOnlyList<long> except, long? exceptOwner, int limit, AccessSql access)
    {
        var arguments = new SqlArguments(dialect);
        var where = Where(dialect, arguments, targets, except);
        var owned = Owned(arguments, exceptOwner);
        var reach = access.OfAny(Resources.ResourceTypes.All, arguments, "r");
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}r.Sid, r.Type, r.Id, r.Version FROM Resource r WHERE r.Sid IN (SELECT x.Sid FROM Reference x WHERE {where}) "
            + $"AND r.Deleted = 0{owned}{reach} ORDER BY r.Sid{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>How many there are by type: type number, count.</summary>
    public static SqlStatement Counts(SqlDialect dialect, IReadOnlyList<long> targets, IReadOnlyList<long> except, long? exceptOwner, AccessSql access)
    {
        var arguments = new SqlArguments(dialect);
        var where = Where(dialect, arguments, targets, except);
        var owned = Owned(arguments, exceptOwner) + access.OfAny(Resources.ResourceTypes.All, arguments, "r");
        return new(
            $"SELECT r.Type, COUNT(*) FROM Resource r WHERE r.Sid IN (SELECT x.Sid FROM Reference x WHERE {where}) AND r.Deleted = 0{owned} GROUP BY r.Type ORDER BY r.Type",
            arguments.Values);
    }

    /// <summary>A row when anything outside the list still refers to one of it; run inside the transaction that deletes the list.</summary>
    public static SqlStatement Any(SqlDialect dialect, IReadOnlyList<long> deleted)
    {
        var arguments = new SqlArguments(dialect);
        var where = Where(dialect, arguments, deleted, deleted);
        var one = arguments.Add(1L);
        return new($"SELECT {dialect.Top(one)}x.Sid FROM Reference x WHERE {where}{dialect.Limit(one)}", arguments.Values);
    }

    private static string Owned(SqlArguments arguments, long? owner) => owner is { } o ? $" AND r.Owner <> {arguments.Add(o)}" : "";

    private static string Where(SqlDialect dialect, SqlArguments arguments, IReadOnlyList<long> targets, IReadOnlyList<long> except)
    {
        var codes = dialect.InTexts("n.Code", arguments.Add(SearchParameters.ReferenceCodes.ToArray()));
        return $"x.Param IN (SELECT n.Number FROM Parameter n WHERE {codes}) AND {dialect.InNumbers("x.Target", arguments.Add(targets.ToArray()))}"
            + (except.Count == 0 ? "" : $" AND NOT ({dialect.InNumbers("x.Sid", arguments.Add(except.ToArray()))})");
    }
}
