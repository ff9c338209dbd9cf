using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A page in the order of a text, number or URI, from the first so many rows of the index that begins with it.</summary>
/// <remarks>
/// Such an index cannot be asked for the rows of one resource. But of a resource among its first rows these hold the least value there is
/// (descending, the greatest), and whatever is not among them comes later. Behind a page, what had a row before the page's end was shown already. A
/// page that is not full, as where those without any value begin, is for <see cref="SearchSql"/>.
/// </remarks>
internal static class ValueWalkSql
{
    /// <summary>Rows read for each entry wanted when nothing says how many match: a resource has some values, and some resources are deleted.</summary>
    private const long RowsPerEntry = 8;

    public static bool CanWalk(SearchQuery query) =>
        query is { Sort: [{ Param: { Number: > 0, Kind: SearchParamType.String or SearchParamType.Number or SearchParamType.Uri } }], After: null or { Values: [not null] } };

    /// <summary>One row more than a page. Columns as <see cref="ResourceRow"/>, then the sort value.</summary>
    /// <param name="rows">Index rows to read at most; the greatest number when every resource matches.</param>
    public static SqlStatement Page(SqlDialect dialect, SearchQuery query, long rows)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var (param, descending) = (query.Sort[0].Param, query.Sort[0].Descending);
        var (table, column) = param.Kind == SearchParamType.String ? ("String", "Folded") : (param.Kind == SearchParamType.Number ? "Number" : "Uri", "Value");
        var (count, limit) = (arguments.Add(query.Count + 1L), arguments.Add(rows == long.MaxValue ? (query.Count + 1L) * RowsPerEntry : rows));
        var first = $"SELECT {dialect.Top(limit)}y.Sid, y.{column} AS V FROM {table} y WHERE y.Param = {param.Number}{WalkSql.Behind(query.After, $"y.{column}", "y.Sid", descending, arguments)}"
            + $" ORDER BY {WalkSql.Sorted($"y.{column}", "y.Sid", descending)}{dialect.Limit(limit)}";
        return new(
            $"SELECT {ResourceRow.Columns("q")}, p.V1 FROM (SELECT {dialect.Top(count)}w.Sid, {(descending ? "MAX" : "MIN")}(w.V) AS V1 FROM ({first}) w JOIN Resource r ON r.Sid = w.Sid"
            + $" WHERE {dialect.Nearly("r.Deleted = 0")}{conditions.Probes(query.Where, "r")}{Unseen(query.After, table, column, param.Number, descending, arguments)}"
            + $" GROUP BY w.Sid ORDER BY {WalkSql.Sorted("V1", "w.Sid", descending)}{dialect.Limit(count)}) p JOIN Resource q ON q.Sid = p.Sid ORDER BY {WalkSql.Sorted("p.V1", "p.Sid", descending)}",
            arguments.Values);
    }

    /// <summary>Condition, beginning with AND, that no row of the resource lies before the position.</summary>
    private static string Unseen(PagePosition? after, string table, string column, int param, bool descending, SqlArguments arguments)
    {
        if (after is null)
            return "";
        var (before, value, sid) = (descending ? ">" : "<", arguments.Add(after.Values[0]!), arguments.Add(after.Sid));
        return $" AND w.Sid NOT IN (SELECT z.Sid FROM {table} z WHERE z.Param = {param} AND z.{column} {before}= {value} AND (z.{column} {before} {value} OR z.Sid {before}= {sid}))";
    }
}
