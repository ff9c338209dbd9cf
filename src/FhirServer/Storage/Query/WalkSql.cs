using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>A page found by going through an index in the order wanted and probing each resource: for conditions that most satisfy.</summary>
/// <remarks>
/// In order of creation, of last update, of id, or of one date; of one text, number or URI see <see cref="ValueWalkSql"/>. A resource with several dates stands at the least of them ascending and the greatest
/// descending; those without any come last and are not found here, so a page that is not full is for <see cref="SearchSql"/>.
/// </remarks>
internal static class WalkSql
{
    public static bool CanWalk(SearchQuery query) => query.Rest is null && ConditionSql.Terms(query.Where).TrueForAll(ConditionSql.IsProbe) && query.Sort switch
    {
        [] => true,
        [{ Param: { Number: 0, Code: "_lastUpdated" or "_id" } }] => true,
        [{ Param: { Kind: SearchParamType.Date, Number: > 0 } }] => query.After is not { Values: [null] },
        _ => ValueWalkSql.CanWalk(query),
    };

    /// <summary>The sort value (or surrogate key) so many rows behind the position: where a walk ends. No row: it may go to the end.</summary>
    public static SqlStatement End(SqlDialect dialect, SearchQuery query, long rows)
    {
        var arguments = new SqlArguments(dialect);
        var skip = arguments.Add(rows);
        var (from, column, sid, descending) = Order(query);
        var condition = query.Sort is [{ Param: { Number: > 0 } date }]
            ? $"y.Param = {date.Number}"
            : $"r.Type = {ResourceTypes.NumberOf(query.Type)}{(column is null ? " AND r.Deleted = 0" : "")}"; // what the index of the order itself holds
        return new(
            $"SELECT {column ?? sid} FROM {from} WHERE {condition}{Behind(query.After, column, sid, descending, arguments)}"
            + $" ORDER BY {(column is null ? sid : column)}{(descending ? " DESC" : "")}{dialect.Skip(skip)}",
            arguments.Values);
    }

    /// <summary>One row more than a page. Columns as <see cref="ResourceRow"/>, then the sort value if there is one.</summary>
    /// <param name="end">Where to end (<see cref="End"/>); null to go on as long as there are rows.</param>
    public static SqlStatement Page(SqlDialect dialect, SearchQuery query, object? end)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var count = arguments.Add(query.Count + 1L);
        var (_, column, sid, descending) = Order(query);
        var until = end is null ? "" : $" AND {column ?? sid} {(descending ? ">=" : "<=")} {arguments.Add(end)}";
        if (query.Sort is [{ Param.Number: > 0 } date])
            return new(ByDate(dialect, query, date, conditions, until, arguments, count), arguments.Values);

        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")}{(column is null ? "" : $", {column} AS V1")} FROM Resource r"
            + $" WHERE {conditions.TypeIs("r", query.Type, isDriven: false)}{conditions.Probes(query.Where, "r")}{until}"
            + $"{Behind(query.After, column, sid, descending, arguments)} ORDER BY {Sorted(column, sid, descending)}{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Whether a row's sort value is a text.</summary>
    public static bool IsText(SearchQuery query) => query.Sort is [{ Param: { Number: 0, Code: "_id" } }];

    private static string ByDate(
        SqlDialect dialect, SearchQuery query, SortKey key, ConditionSql conditions, string until, SqlArguments arguments, string count)
    {
        // The resource's other dates must not come first; of equal ones the last row stands for all.
        var first = key.Descending ? "z.Lo > y.Lo" : "z.Lo < y.Lo";
        var same = "z.Lo = y.Lo AND (z.Hi > y.Hi OR (z.Hi = y.Hi AND (z.DayLo > y.DayLo OR (z.DayLo = y.DayLo AND z.DayHi > y.DayHi))))";
        var param = key.Param.Number;
        return $"SELECT {ResourceRow.Columns("q")}, p.V1 FROM (SELECT {dialect.Top(count)}r.Sid, y.Lo AS V1 FROM Date y JOIN Resource r ON r.Sid = y.Sid"
            + $" WHERE y.Param = {param} AND {dialect.Nearly("y.Owner = r.Owner")} AND {dialect.Nearly("r.Deleted = 0")}{conditions.Probes(query.Where, "r")}"
            + $" AND NOT ({dialect.LookUp($"FROM Date z WHERE z.Param = {param} AND z.Owner = y.Owner AND z.Sid = y.Sid AND ({first} OR ({same}))")})"
            + $"{until}{Behind(query.After, "y.Lo", "y.Sid", key.Descending, arguments)} ORDER BY {Sorted("y.Lo", "y.Sid", key.Descending)}{dialect.Limit(count)}"
            + $") p JOIN Resource q ON q.Sid = p.Sid ORDER BY {Sorted("p.V1", "p.Sid", key.Descending)}";
    }

    private static (string From, string? Column, string Sid, bool Descending) Order(SearchQuery query) => query.Sort switch
    {
        [] => ("Resource r", null, "r.Sid", false),
        [{ Param: { Number: 0, Code: "_id" } } id] => ("Resource r", "r.Id", "r.Sid", id.Descending),
        [{ Param.Number: 0 } updated] => ("Resource r", "r.LastUpdated", "r.Sid", updated.Descending),
        [var date, ..] => ("Date y", "y.Lo", "y.Sid", date.Descending),
    };

    /// <summary>Condition, beginning with AND, that a row lies behind the position.</summary>
    internal static string Behind(PagePosition? after, string? column, string sid, bool descending, SqlArguments arguments)
    {
        if (after is null)
            return "";
        var (beyond, key) = (descending ? "<" : ">", arguments.Add(after.Sid));
        if (column is null)
            return $" AND {sid} {beyond} {key}";
        var value = arguments.Add(after.Values[0]!);
        return $" AND {column} {beyond}= {value} AND ({column} {beyond} {value} OR {sid} {beyond} {key})";
    }

    internal static string Sorted(string? column, string sid, bool descending)
    {
        var direction = descending ? " DESC" : "";
        return (column is null ? "" : $"{column}{direction}, ") + sid + direction;
    }
}
