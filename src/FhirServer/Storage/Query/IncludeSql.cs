using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The statements that find what matches include: first which resources, then those of one page.</summary>
/// <remarks>With an instant (milliseconds since 1970 UTC): only those that were current then and have not changed since.</remarks>
internal static class IncludeSql
{
    /// <summary>Surrogate key and type of current resources of a type by logical id.</summary>
    public static SqlStatement ById(SqlDialect dialect, string type, IEnumerable<string> ids, AccessSql access, long? asOf = null)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT r.Sid, r.Type FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND {dialect.InTexts("r.Id", arguments.Add(ids.ToArray()))} AND r.Deleted = 0{Unchanged(dialect, arguments, asOf)}{access.Of(type, arguments, "r")}",
            arguments.Values);
    }

    /// <summary>Surrogate keys of current resources by canonical URL, cut as the index holds it.</summary>
    public static SqlStatement ByUrl(SqlDialect dialect, SearchParam url, IEnumerable<string> urls, AccessSql access, long? asOf = null)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT r.Sid FROM Resource r WHERE r.Sid IN (SELECT x.Sid FROM Uri x WHERE x.Param = {url.Number} AND x.Value IN ({string.Join(", ", urls.Select(u => arguments.Add(u)))})) "
            + $"AND r.Deleted = 0{Unchanged(dialect, arguments, asOf)}{access.Of(url.Type, arguments, "r")}",
            arguments.Values);
    }

    /// <summary>Surrogate key and type of current resources that refer to any of these through the parameter, through any of their type, or through any at all.</summary>
    public static SqlStatement Referring(SqlDialect dialect, Include include, IEnumerable<long> targets, int limit, AccessSql access, long? asOf = null)
    {
        var arguments = new SqlArguments(dialect);
        var param = include switch
        {
            { Param: { } p } => $"x.Param = {p.Number}",
            { SourceType: Include.AnyType } => $"x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Code <> '{SearchParameters.ReferenceCode}')",
            _ => $"x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Type = '{include.SourceType}' AND n.Code <> '{SearchParameters.ReferenceCode}')",
        };
        var reach = include.SourceType == Include.AnyType ? access.OfAny(ResourceTypes.All, arguments, "r") : access.Of(include.SourceType, arguments, "r");
        if (include.Param is null)
            param += access.FollowsOnly("x.Param");
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}r.Sid, r.Type FROM Resource r WHERE r.Sid IN (SELECT x.Sid FROM Reference x WHERE {param} "
            + $"AND {dialect.InNumbers("x.Target", arguments.Add(targets.ToArray()))}) AND r.Deleted = 0{Unchanged(dialect, arguments, asOf)}{reach} ORDER BY r.Sid{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Current resources by surrogate key, in its order.</summary>
    public static SqlStatement BySid(SqlDialect dialect, IEnumerable<long> sids, long? asOf = null)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE {dialect.InNumbers("r.Sid", arguments.Add(sids.ToArray()))} AND r.Deleted = 0{Unchanged(dialect, arguments, asOf)} ORDER BY r.Sid",
            arguments.Values);
    }

    private static string Unchanged(SqlDialect dialect, SqlArguments arguments, long? asOf) =>
        asOf is { } at ? $" AND {dialect.Nearly($"{dialect.Probe("r.LastUpdated")} <= {arguments.Add(at)}")}" : "";
}
