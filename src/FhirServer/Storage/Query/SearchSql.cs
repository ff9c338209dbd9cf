using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The statements of one search: a page of resources, and how many there are in all.</summary>
internal static class SearchSql
{
    /// <summary>One row more than a page tells whether there is a next one. Columns as <see cref="ResourceRow"/>, then the sort values.</summary>
    public static SqlStatement Page(SqlDialect dialect, SearchQuery query, IReadOnlyDictionary<SearchExpression, long>? counts = null)
    {
        if (MergeSql.Applies(query))
            return MergeSql.Page(dialect, query);
        var arguments = new SqlArguments(dialect);
        var owner = ConditionSql.OwnerOf(query.Where);
        var conditions = new ConditionSql(dialect, arguments, counts);
        var (where, isDriven, driver) = conditions.All(query.Where, "r", owner);
        var sort = new SortSql(query, "r", owner, driver, arguments);
        var behind = (query.After is { } after ? $" AND {sort.Behind(after)}" : "") + (query.Rest is { } rest ? $" AND NOT ({sort.Behind(rest.Last)})" : "");
        var count = arguments.Add(query.Count + 1L);
        var matches = $"FROM Resource r{sort.Joins} WHERE {conditions.TypesAre("r", query, isDriven)} AND {where}{behind}";

        // Sorting carries keys only: the bodies of the one page are fetched afterwards.
        var text = sort.IsEmpty
            ? $"SELECT {dialect.Top(count)}{ResourceRow.Columns("r")} {matches} ORDER BY {sort.InnerOrder}{dialect.Limit(count)}"
            : $"SELECT {ResourceRow.Columns("q")}{string.Concat(query.Sort.Select((_, i) => $", p.V{i + 1}"))} FROM ("
                + $"SELECT {dialect.Top(count)}r.Sid{sort.Columns} {matches} ORDER BY {sort.InnerOrder}{dialect.Limit(count)}"
                + $") p JOIN Resource q ON q.Sid = p.Sid ORDER BY {sort.OuterOrder("p")}";
        return new(text, arguments.Values);
    }

    public static SqlStatement Total(SqlDialect dialect, SearchQuery query, IReadOnlyDictionary<SearchExpression, long>? counts = null)
    {
        var arguments = new SqlArguments(dialect);
        var owner = ConditionSql.OwnerOf(query.Where);
        var conditions = new ConditionSql(dialect, arguments, counts);

        // Index rows exist for current resources only: what they decide is counted without a look at the resources.
        if (query.Types.Count == 1 && conditions.InIndex(query.Where, owner) is { } rows)
            return new($"SELECT COUNT(*) FROM (SELECT DISTINCT r.Sid {rows}) n", arguments.Values);

        var (where, isDriven, _) = conditions.All(query.Where, "r", owner);
        return new($"SELECT COUNT(*) FROM Resource r WHERE {conditions.TypesAre("r", query, isDriven)} AND {where}", arguments.Values);
    }

    /// <summary>Which of these surrogate keys a resource that matches refers to through the parameter, each once.</summary>
    public static SqlStatement Referred(SqlDialect dialect, SearchExpression.ReverseChain reverse, IEnumerable<long> among)
    {
        var arguments = new SqlArguments(dialect);
        var targets = new ConditionSql(dialect, arguments).Sids(reverse, null);
        return new($"SELECT DISTINCT w.Target FROM ({targets}) w WHERE {dialect.InNumbers("w.Target", arguments.Add(among.ToArray()))}", arguments.Values);
    }

    /// <summary>Surrogate keys of current resources that match, for checks inside a write.</summary>
    public static SqlStatement Sids(SqlDialect dialect, SearchQuery query, int limit)
    {
        var arguments = new SqlArguments(dialect);
        var conditions = new ConditionSql(dialect, arguments);
        var (where, isDriven, _) = conditions.All(query.Where, "r", ConditionSql.OwnerOf(query.Where));
        var count = arguments.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}r.Sid FROM Resource r WHERE {conditions.TypesAre("r", query, isDriven)} AND {where} ORDER BY r.Sid{dialect.Limit(count)}",
            arguments.Values);
    }
}
