using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>History, newest first, by keyset over (last updated, surrogate key, version).</summary>
/// <remarks>
/// The current versions and the older ones lie in two tables; each gives at most a page in order and the union takes the newest. Reserved
/// keys (version 0) are not versions.
/// </remarks>
internal static class HistorySql
{
    private const string FeedColumns = "c.Sid, r.Type, r.Id, c.Version, COALESCE(h.LastUpdated, r.LastUpdated), COALESCE(h.Deleted, r.Deleted), COALESCE(h.Method, r.Method), COALESCE(h.Body, r.Body)";
    private const string FeedTables = "FROM Change c JOIN Resource r ON r.Sid = c.Sid LEFT JOIN ResourceHistory h ON h.Sid = c.Sid AND h.Version = c.Version";

    /// <summary>Of a reserved key there is none, and of one that was purged none any more.</summary>
    private const string IsVersion = "r.Version > 0 AND (h.Version IS NOT NULL OR c.Version = r.Version)";

    public static SqlStatement Page(SqlDialect dialect, HistoryQuery query)
    {
        var arguments = new SqlArguments(dialect);
        var count = arguments.Add(query.Count + 1L);
        var current = Branch(dialect, query, arguments, "Resource", "c", count);
        var older = Branch(dialect, query, arguments, "ResourceHistory", "h", count);

        // Bodies and ids are fetched for the page alone.
        return new(
            $"SELECT {dialect.Top(count)}u.Sid, u.Type, r.Id, u.Version, u.LastUpdated, u.Deleted, u.Method, "
            + "CASE WHEN r.Version = u.Version THEN r.Body ELSE b.Body END AS Body "
            + $"FROM (SELECT * FROM ({current}) c1 UNION ALL SELECT * FROM ({older}) h1) u "
            + "JOIN Resource r ON r.Sid = u.Sid LEFT JOIN ResourceHistory b ON b.Sid = u.Sid AND b.Version = u.Version "
            + $"ORDER BY u.LastUpdated DESC, u.Sid DESC, u.Version DESC{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Everything, newest commit first; the last column is the position in the feed.</summary>
    /// <param name="from">Position before which nothing is recent enough for <c>_since</c>.</param>
    public static SqlStatement Feed(SqlDialect dialect, ChangeOrder order, HistoryQuery query, long from)
    {
        var arguments = new SqlArguments(dialect);
        var (low, count) = (arguments.Add(from), arguments.Add(query.Count + 1L));
        var before = query.After is { } after ? $" AND {order.Order} < {order.Position(arguments.Add(after.Sequence))}" : "";
        var types = query.Access is { } access ? new AccessSql(dialect, access, query.Under).Types("r") : "";
        var since = query.Since is { } instant ? $" AND COALESCE(h.LastUpdated, r.LastUpdated) >= {arguments.Add(instant.ToUnixTimeMilliseconds())}" : "";
        var upTo = query.Horizon is { } horizon
            ? $" AND (COALESCE(h.LastUpdated, r.LastUpdated) <= {arguments.Add(horizon.Instant)} OR {order.Order} <= {order.Position(arguments.Add(horizon.Head))})"
            : "";
        return new(
            $"SELECT {dialect.Top(count)}{FeedColumns}, {order.Sequence} {FeedTables} "
            + $"WHERE {order.Order} >= {order.Position(low)}{before}{since}{upTo}{types} AND {IsVersion} ORDER BY {order.Order} DESC{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Everything behind a position, oldest commit first, as far as nothing can appear in between; the last column is the position.</summary>
    public static SqlStatement Follow(SqlDialect dialect, ChangeOrder order, long after, int limit)
    {
        var count = dialect.Argument(2);
        return new(
            $"SELECT {dialect.Top(count)}{FeedColumns}, {order.Sequence} {FeedTables} WHERE {order.After(dialect.Argument(1))} AND {IsVersion} ORDER BY {order.Order}{dialect.Limit(count)}",
            [after, (long)limit]);
    }

    /// <summary>Which version the change at a position is.</summary>
    public static SqlStatement VersionAt(SqlDialect dialect, ChangeOrder order, long position) =>
        new($"SELECT c.Sid, c.Version FROM Change c WHERE {order.Order} = {order.Position(dialect.Argument(1))}", [position]);

    /// <summary>First change at or behind a position: its position and when its version was written; for finding where an instant lies.</summary>
    public static SqlStatement ChangeAt(SqlDialect dialect, ChangeOrder order, long position)
    {
        var (from, one) = (dialect.Argument(1), dialect.Argument(2));
        return new(
            $"SELECT {dialect.Top(one)}{order.Sequence}, COALESCE(h.LastUpdated, r.LastUpdated) "
            + "FROM Change c JOIN Resource r ON r.Sid = c.Sid LEFT JOIN ResourceHistory h ON h.Sid = c.Sid AND h.Version = c.Version "
            + $"WHERE {order.Order} >= {order.Position(from)} AND r.Version > 0 AND (h.Version IS NOT NULL OR c.Version = r.Version) ORDER BY {order.Order}{dialect.Limit(one)}",
            [position, 1L]);
    }

    /// <summary>Least and greatest position.</summary>
    public static SqlStatement Ends(SqlDialect dialect, ChangeOrder order)
    {
        var one = dialect.Argument(1);
        return new(
            $"SELECT * FROM (SELECT {dialect.Top(one)}{order.Sequence} AS p FROM Change c ORDER BY {order.Order}{dialect.Limit(one)}) a "
            + $"UNION ALL SELECT * FROM (SELECT {dialect.Top(one)}{order.Sequence} AS p FROM Change c ORDER BY {order.Order} DESC{dialect.Limit(one)}) b",
            [1L]);
    }

    public static SqlStatement Total(SqlDialect dialect, HistoryQuery query)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT (SELECT COUNT(*) FROM Resource c WHERE {Where(dialect, query with { After = null }, arguments, "Resource", "c")}) "
            + $"+ (SELECT COUNT(*) FROM ResourceHistory h WHERE {Where(dialect, query with { After = null }, arguments, "ResourceHistory", "h")})",
            arguments.Values);
    }

    private static string Branch(SqlDialect dialect, HistoryQuery query, SqlArguments arguments, string table, string t, string count) =>
        $"SELECT {dialect.Top(count)}{t}.Sid, {t}.Type, {t}.Version, {t}.LastUpdated, {t}.Deleted, {t}.Method FROM {table} {t} "
        + $"WHERE {Where(dialect, query, arguments, table, t)} ORDER BY {t}.LastUpdated DESC, {t}.Sid DESC, {t}.Version DESC{dialect.Limit(count)}";

    private static string Where(SqlDialect dialect, HistoryQuery query, SqlArguments arguments, string table, string t)
    {
        var conditions = new List<string>();
        if (query is { Type: { } type, Id: { } id })
            conditions.Add($"{t}.Sid = (SELECT k.Sid FROM Resource k WHERE k.Type = {ResourceTypes.NumberOf(type)} AND k.Id = {arguments.Add(id)})");
        else if (query.Type is { } only)
            conditions.Add($"{t}.Type = {ResourceTypes.NumberOf(only)}");
        conditions.Add($"{t}.Version > 0");
        if (query is { Type: { } some, Id: null, Access: { } access })
            conditions.Add(new AccessSql(dialect, access, query.Under).Standing(some, arguments, t));
        if (query.Since is { } since)
            conditions.Add($"{t}.LastUpdated >= {arguments.Add(since.ToUnixTimeMilliseconds())}");
        if (query.At is { } at)
            conditions.Add(CurrentAt(arguments.Add(at.ToUnixTimeMilliseconds()), arguments.Add(query.AtEnd?.ToUnixTimeMilliseconds() ?? (at.ToUnixTimeMilliseconds() + 1)), table, t));
        if (query.After is { } after)
        {
            var (updated, sid, version) = (arguments.Add(after.LastUpdated), arguments.Add(after.Sid), arguments.Add((long)after.Version));
            conditions.Add($"{t}.LastUpdated <= {updated}"
                + $" AND ({t}.LastUpdated < {updated} OR {t}.Sid < {sid} OR ({t}.Sid = {sid} AND {t}.Version < {version}))");
        }

        return string.Join(" AND ", conditions);
    }

    /// <summary>Written before the end, and its successor not yet at the start.</summary>
    private static string CurrentAt(string at, string end, string table, string t) => $"{t}.LastUpdated < {end}" + (table == "Resource" ? "" :
        $" AND NOT EXISTS (SELECT 1 FROM Resource n WHERE n.Sid = {t}.Sid AND n.Version = {t}.Version + 1 AND n.LastUpdated <= {at})"
        + $" AND NOT EXISTS (SELECT 1 FROM ResourceHistory n WHERE n.Sid = {t}.Sid AND n.Version = {t}.Version + 1 AND n.LastUpdated <= {at})");
}
