using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <param name="Sequence">Expression of a change row's position.</param>
/// <param name="After">Condition that the row lies behind the position given as argument, and nothing can still appear before it.</param>
/// <param name="Order">Column to sort by.</param>
internal sealed record ChangeOrder(string Sequence, Func<string, string> After, string Order)
{
    /// <summary>The order column's own form of a position given as argument.</summary>
    public Func<string, string> Position { get; init; } = static position => position;
}

/// <summary>Statements about single rows.</summary>
internal static class PointSql
{
    /// <summary>Before every change. Nothing below it: a row version is compared as bytes, and -1 would be the last there can be.</summary>
    private const long Start = 0;

    public static SqlStatement Current(SqlDialect dialect, ResourceKey key) => new(
        $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(key.Type)} AND r.Id = {dialect.Argument(1)} AND r.Version > 0",
        [key.Id]);

    /// <summary>The same when the caller may reach it; of a deletion only its last content can tell.</summary>
    public static SqlStatement Current(SqlDialect dialect, ResourceKey key, AccessSql access)
    {
        var arguments = new SqlArguments(dialect);
        var id = arguments.Add(key.Id);
        return new(
            $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(key.Type)} AND r.Id = {id} AND r.Version > 0"
            + $" AND (r.Deleted = 1 OR (r.Deleted = 0{access.Of(key.Type, arguments, "r")}))",
            arguments.Values);
    }

    public static SqlStatement Version(SqlDialect dialect, ResourceKey key, int version)
    {
        var (id, number) = (dialect.Argument(1), dialect.Argument(2));
        var known = $"r.Type = {ResourceTypes.NumberOf(key.Type)} AND r.Id = {id}";
        return new(
            $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE {known} AND r.Version = {number} AND r.Version > 0 "
            + $"UNION ALL SELECT h.Sid, h.Type, r.Id, h.Version, h.LastUpdated, h.Deleted, h.Method, h.Body "
            + $"FROM Resource r JOIN ResourceHistory h ON h.Sid = r.Sid WHERE {known} AND h.Version = {number}",
            [key.Id, (long)version]);
    }

    public static SqlStatement Changes(SqlDialect dialect, ChangeOrder order, long after, int limit)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT {dialect.Top(count)}{order.Sequence}, r.Type, r.Id, c.Version, COALESCE(h.LastUpdated, r.LastUpdated), COALESCE(h.Method, r.Method), c.Sid "
            + "FROM Change c JOIN Resource r ON r.Sid = c.Sid LEFT JOIN ResourceHistory h ON h.Sid = c.Sid AND h.Version = c.Version "
            + $"WHERE {order.After(dialect.Argument(1))} AND r.Version > 0 AND (h.Version IS NOT NULL OR c.Version = r.Version) ORDER BY {order.Order}{dialect.Limit(count)}",
            [Math.Max(after, Start), (long)limit]);
    }

    /// <summary>The last position that nothing can appear before any more.</summary>
    public static SqlStatement Head(SqlDialect dialect, ChangeOrder order)
    {
        var one = dialect.Argument(2);
        return new($"SELECT {dialect.Top(one)}{order.Sequence}, c.Sid, c.Version FROM Change c WHERE {order.After(dialect.Argument(1))} ORDER BY {order.Order} DESC{dialect.Limit(one)}", [Start, 1L]);
    }

    /// <summary>Positions of all versions of some resources, and whether each can still get a predecessor.</summary>
    public static SqlStatement Positions(SqlDialect dialect, ChangeOrder order, IReadOnlyList<long> sids) => new(
        $"SELECT c.Sid, c.Version, {order.Sequence}, CASE WHEN {order.After(dialect.Argument(2))} THEN 1 ELSE 0 END FROM Change c WHERE {dialect.InNumbers("c.Sid", dialect.Argument(1))}",
        [sids.ToArray(), Start]);
}
