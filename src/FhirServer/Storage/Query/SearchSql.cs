using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The statements of one search: a page of resources, and how many there are in all.</summary>
internal static class SearchSql
{
    /// <summary>One row more than a page tells whether there is a next one. Columns as <see cref="ResourceRow"/>, then the sort values.</summary>
    public static SqlStatement Page(SqlDialect dialect, SearchQuery query)
    {
        var arguments = new SqlArguments(dialect);
        var owner = ConditionSql.OwnerOf(query.Where);
        var conditions = new ConditionSql(dialect, arguments);
        var (where, isDriven, driver) = conditions.All(query.Where, "r", owner);
        var sort = new SortSql(query, "r", owner, driver, arguments);
        var behind = query.After is { } after ? $" AND {sort.Behind(after)}" : "";
        var count = arguments.Add(query.Count + 1L);
        var matches = $"FROM Resource r{sort.Joins} WHERE {conditions.TypeIs("r", query.Type, isDriven)} AND {where}{behind}";

        // Sorting carries keys only: the bodies of the one page are fetched afterwards.
        var text = sort.IsEmpty
            ? $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} {matches} ORDER BY {sort.InnerOrder}{dialect.Limit(count)}"
            : $"SELECT {ResourceRow.Columns("q")}{string.Concat(query.Sort.Select((_, i) => $", p.V{i + 1}"))} FROM ("
                + $"SELECT {dialect.Top(count)}r.Sid{sort.Columns} {matches} ORDER BY {sort.InnerOrder}{dialect.Limit(count)}"
                + $") p JOIN Resource q ON q.Sid = p.Sid ORDER BY {sort.OuterOrder("p")}";
        return new(text, arguments.Values);
    }

    public static SqlStatement Total(SqlDialect dialect, SearchQuery query)
    {
        var arguments = new SqlArguments(dialect);
        var owner = ConditionSql.OwnerOf(query.Where);
        var conditions = new ConditionSql(dialect, arguments);

        // Index rows exist for current resources only, so one condition is counted in the index alone.
        if (ConditionSql.Terms(query.Where) is [var only] && LeafSql.Table(only) is not null)
            return new($"SELECT COUNT(*) FROM (SELECT DISTINCT x.Sid FROM ({conditions.Sids(only, owner)}) x) n", arguments.Values);

        var (where, isDriven, _) = conditions.All(query.Where, "r", owner);
        return new($"SELECT COUNT(*) FROM Resource r WHERE {conditions.TypeIs("r", query.Type, isDriven)} AND {where}", arguments.Values);
    }

    /// <summary>Surrogate keys of current resources that match, for checks inside a write.</summary>
    public static SqlStatement Sids(SqlDialect dialect, SearchQuery query, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var (where, isDriven, _) = conditions.All(query.Where, "r", ConditionSql.OwnerOf(query.Where));
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}r.Sid FROM Resource r WHERE {conditions.TypeIs("r", query.Type, isDriven)} AND {where} ORDER BY r.Sid{dialect.Limit(count)}",
            arguments.Values);
    }

    /// <summary>Current resources of a type by logical id.</summary>
    public static SqlStatement ById(SqlDialect dialect, string type, IEnumerable<string> ids)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT {ResourceRow.Columns("r")} FROM Resource r WHERE r.Type = {Resources.ResourceTypes.NumberOf(type)} AND {dialect.InTexts("r.Id", arguments.Add(ids.ToArray()))} AND r.Deleted = 0 ORDER BY {dialect.Probe("r.Sid")}",
            arguments.Values);
    }

    /// <summary>Current resources that refer to any of these through the parameter, or through any parameter of their type.</summary>
    public static SqlStatement Referring(SqlDialect dialect, Include include, IEnumerable<long> targets, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var param = include.Param is { } p
            ? $"x.Param = {p.Number}"
            : $"x.Param IN (SELECT n.Number FROM Parameter n WHERE n.Type = '{include.SourceType}' AND n.Code <> '{Search.Parameters.SearchParameters.ReferenceCode}')";
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} FROM Resource r WHERE r.Sid IN (SELECT x.Sid FROM Reference x WHERE {param} "
            + $"AND {dialect.InNumbers("x.Target", arguments.Add(targets.ToArray()))}) AND r.Deleted = 0 ORDER BY r.Sid{dialect.Limit(count)}",
            arguments.Values);
    }
}
