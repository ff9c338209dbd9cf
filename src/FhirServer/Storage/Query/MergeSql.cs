using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A page of several types, or all, in the order of last update: the first of each type, merged.</summary>
/// <remarks>
/// The index of that order begins with the type, so one order over all of them would read and sort every row. A page's worth of each type is
/// read from its end of the index instead; bodies are fetched for the page alone.
/// </remarks>
internal static class MergeSql
{
    public static bool Applies(SearchQuery query) => query is { Types.Count: not 1, Rest: null, Sort: [{ Param: { Number: 0, Code: "_lastUpdated" } }] }
        && ConditionSql.Terms(query.Where).TrueForAll(t => t is SearchExpression.LastUpdated or SearchExpression.UnchangedSince);

    /// <summary>One row more than a page. Columns as <see cref="ResourceRow"/>, then the sort value.</summary>
    public static SqlStatement Page(SqlDialect dialect, SearchQuery query)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var (count, descending) = (arguments.Add(query.Count + 1L), query.Sort[0].Descending);
        var where = conditions.Probes(query.Where, "r") + WalkSql.Behind(query.After, "r.LastUpdated", "r.Sid", descending, arguments);
        var order = WalkSql.Sorted("r.LastUpdated", "r.Sid", descending);
        var branches = (query.Types is [] ? ResourceTypes.All : query.Types).Select(ResourceTypes.NumberOf).Select(type =>
            $"SELECT * FROM (SELECT {dialect.Top(count)}r.Sid, r.LastUpdated AS V1 FROM Resource r WHERE r.Type = {type} AND r.Deleted = 0{where} ORDER BY {order}{dialect.Limit(count)}) t{type}");
        return new(
            $"SELECT {ResourceRow.Columns("q")}, p.V1 FROM (SELECT {dialect.Top(count)}u.Sid, u.V1 FROM ({string.Join(" UNION ALL ", branches)}) u"
            + $" ORDER BY {WalkSql.Sorted("u.V1", "u.Sid", descending)}{dialect.Limit(count)}) p JOIN Resource q ON q.Sid = p.Sid ORDER BY {WalkSql.Sorted("p.V1", "p.Sid", descending)}",
            arguments.Values);
    }
}
