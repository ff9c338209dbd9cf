using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Statements over a compartment: the reference index holds a patient's resources as one range per parameter.</summary>
internal static class CompartmentSql
{
    /// <summary>Columns as <see cref="ResourceRow"/>, then the owner.</summary>
    public static SqlStatement Anchor(SqlDialect dialect, ResourceKey key) => new(
        $"SELECT {ResourceRow.Columns("r")}, r.Owner FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(key.Type)} AND r.Id = {dialect.Argument(1)} AND r.Version > 0",
        [key.Id]);

    /// <summary>A page of the compartment by ascending surrogate key, the anchor left out. Sorting carries keys only.</summary>
    public static SqlStatement Page(SqlDialect dialect, CompartmentQuery query, long anchor, long owner, long after, int count)
    {
        var arguments = new SqlArguments(dialect);
        var limit = arguments.Add((long)count);
        var keys = $"SELECT {dialect.Top(limit)}r.Sid FROM Resource r WHERE {Belongs(arguments, query.Members, anchor, after)}{Care(query, arguments, owner)}"
            + $"{Since(query, arguments)}{Unchanged(dialect, arguments, query.AsOf)}{Reach(dialect, query.Access, arguments)} ORDER BY r.Sid{dialect.Limit(limit)}";
        return new($"SELECT {ResourceRow.Columns("q")} FROM ({keys}) p JOIN Resource q ON q.Sid = p.Sid ORDER BY q.Sid", arguments.Values);
    }

    /// <summary>Surrogate key and body of everything in the compartment, whatever type or age is asked for.</summary>
    public static SqlStatement Bodies(SqlDialect dialect, CompartmentQuery query, long anchor, long owner)
    {
        var arguments = new SqlArguments(dialect);
        return new($"SELECT r.Sid, r.Body FROM Resource r WHERE {Belongs(arguments, query.AllMembers, anchor, 0)}{Care(query, arguments, owner)}"
            + $"{Unchanged(dialect, arguments, query.AsOf)}{Reach(dialect, query.Access, arguments)}", arguments.Values);
    }

    /// <summary>Current resources of a type by id that belong to nobody, or to that owner. Columns as <see cref="ResourceRow"/>, then the owner.</summary>
    public static SqlStatement Referred(SqlDialect dialect, string type, IEnumerable<string> ids, long owner, long? asOf = null, AccessPlan? access = null)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT {ResourceRow.Columns("r")}, r.Owner FROM Resource r WHERE r.Type = {ResourceTypes.NumberOf(type)} AND {dialect.InTexts("r.Id", arguments.Add(ids.ToArray()))} "
            + $"AND r.Deleted = 0 AND r.Version > 0 AND (r.Owner = 0 OR r.Owner = {arguments.Add(owner)}){Unchanged(dialect, arguments, asOf)}{(access is null ? "" : new AccessSql(dialect, access, Interaction.Search).Of(type, arguments, "r"))}",
            arguments.Values);
    }

    /// <summary>Without an anchor: every resource that belongs to some patient, in one walk along the key.</summary>
    public static SqlStatement OfAnyone(SqlDialect dialect, CompartmentQuery query, long after, int count)
    {
        var arguments = new SqlArguments(dialect);
        var limit = arguments.Add((long)count);
        return new(
            $"SELECT {dialect.Top(limit)}{ResourceRow.Columns("r")} FROM Resource r WHERE r.Sid > {arguments.Add(after)} AND r.Owner <> 0 AND r.Deleted = 0 AND r.Version > 0"
            + $"{Types(query)}{CareOfEach(query, arguments)}{Since(query, arguments)}{Unchanged(dialect, arguments, query.AsOf)}{Reach(dialect, query.Access, arguments)} ORDER BY r.Sid{dialect.Limit(limit)}",
            arguments.Values);
    }

    /// <summary>Without an anchor: every resource of nobody that some patient's resource refers to through a search parameter.</summary>
    /// <param name="others">Surrogate keys of what is referred to from elsewhere.</param>
    public static SqlStatement ReferredByAnyone(SqlDialect dialect, CompartmentQuery query, long after, int count, IReadOnlyList<long>? others = null)
    {
        var arguments = new SqlArguments(dialect);
        var limit = arguments.Add((long)count);
        var elsewhere = others is null or [] ? "" : $" OR {dialect.InNumbers("r.Sid", arguments.Add(others.ToArray()))}";
        return new(
            $"SELECT {dialect.Top(limit)}{ResourceRow.Columns("r")} FROM Resource r WHERE r.Sid > {arguments.Add(after)} AND r.Owner = 0 AND r.Deleted = 0 AND r.Version > 0"
            + $"{Types(query)}{Since(query, arguments)}{Unchanged(dialect, arguments, query.AsOf)}"
            + $" AND (EXISTS (SELECT 1 FROM Reference y WHERE y.Param IN ({List(query.References)}) AND y.Target = r.Sid AND y.Owner <> 0{Referring(dialect, query, arguments)}){elsewhere}){Reach(dialect, query.Access, arguments)} "
            + $"ORDER BY r.Sid{dialect.Limit(limit)}",
            arguments.Values);
    }

    /// <summary>Which of these surrogate keys some patient's resource refers to through a search parameter.</summary>
    public static SqlStatement ReferredOf(SqlDialect dialect, CompartmentQuery query, IEnumerable<long> targets)
    {
        var arguments = new SqlArguments(dialect);
        return new(
            $"SELECT DISTINCT y.Target FROM Reference y WHERE y.Param IN ({List(query.References)}) AND {dialect.InNumbers("y.Target", arguments.Add(targets.ToArray()))} "
            + $"AND y.Owner <> 0{Referring(dialect, query, arguments)}",
            arguments.Values);
    }

    /// <summary>What refers must be seen, too: otherwise the answer would tell of it.</summary>
    private static string Referring(SqlDialect dialect, CompartmentQuery query, SqlArguments arguments) => query is { Access: null, AsOf: null } ? ""
        : $" AND EXISTS (SELECT 1 FROM Resource o WHERE o.Sid = y.Sid AND o.Deleted = 0{Unchanged(dialect, arguments, query.AsOf, "o")}{Reach(dialect, query.Access, arguments, "o")})";

    private static string Reach(SqlDialect dialect, AccessPlan? access, SqlArguments arguments, string alias = "r") =>
        access is null ? "" : new AccessSql(dialect, access, Interaction.Search).OfAny(ResourceTypes.All, arguments, alias);

    private static string Belongs(SqlArguments arguments, IReadOnlyList<int> parameters, long anchor, long after)
    {
        var a = arguments.Add(anchor);
        var members = parameters.Count == 0
            ? "1 = 0"
            : $"r.Sid IN (SELECT x.Sid FROM Reference x WHERE x.Param IN ({List(parameters)}) AND x.Target = {a} AND x.Sid > {arguments.Add(after)})";
        return $"{members} AND r.Sid <> {a} AND r.Deleted = 0";
    }

    private static string Care(CompartmentQuery query, SqlArguments arguments, long owner)
    {
        if (query.Dates is not { } dates)
            return "";
        var o = arguments.Add(owner);
        return Conditions(dates, arguments, (parameters, condition, isIn) =>
            $"r.Sid {(isIn ? "IN" : "NOT IN")} (SELECT d.Sid FROM Date d WHERE d.Param IN ({List(parameters)}) AND d.Owner = {o} AND ({condition}))");
    }

    private static string CareOfEach(CompartmentQuery query, SqlArguments arguments) => query.Dates is not { } dates ? "" : Conditions(dates, arguments,
        (parameters, condition, isIn) => $"{(isIn ? "" : "NOT ")}EXISTS (SELECT 1 FROM Date d WHERE d.Param IN ({List(parameters)}) AND d.Owner = r.Owner AND d.Sid = r.Sid AND ({condition}))");

    private static string Conditions(CareDates dates, SqlArguments arguments, Func<IReadOnlyList<int>, string, bool, string> rows)
    {
        var behind = dates.Before is { } before ? $"d.DayLo >= {arguments.Add((long)before)}" : "1 = 0";
        var ahead = dates.From is { } from ? $"d.DayHi <= {arguments.Add((long)from)}" : "1 = 0";
        var text = "";
        if (dates.When.Count > 0)
            text += $" AND ({rows(dates.When, $"{behind} OR {ahead}", false)} OR {rows(dates.When, $"NOT ({behind} OR {ahead})", true)})";
        if (dates.Begins.Count > 0 && dates.Before is not null)
            text += $" AND {rows(dates.Begins, behind, false)}";
        if (dates.Ends.Count > 0 && dates.From is not null)
            text += $" AND {rows(dates.Ends, ahead, false)}";
        return text;
    }

    private static string Since(CompartmentQuery query, SqlArguments arguments) => query.Since is { } since ? $" AND r.LastUpdated >= {arguments.Add(since)}" : "";

    private static string Unchanged(SqlDialect dialect, SqlArguments arguments, long? asOf, string alias = "r") =>
        asOf is { } at ? $" AND {dialect.Nearly($"{dialect.Probe($"{alias}.LastUpdated")} <= {arguments.Add(at)}")}" : "";

    private static string Types(CompartmentQuery query) =>
        query.Types.Count == 0 ? "" : $" AND r.Type IN ({List([.. query.Types.Select(ResourceTypes.NumberOf)])})";

    private static string List(IReadOnlyList<int> numbers) => string.Join(',', numbers);
}
