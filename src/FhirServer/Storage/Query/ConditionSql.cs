using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Turns a search expression into a condition on a resource row.</summary>
/// <remarks>
/// One condition drives: its index rows name the resources (<c>Sid IN</c>). The others are probed: tokens and references by a key seek that
/// begins with their value and the resource's owner, the rest against their own small set. Inside one patient's compartment every index
/// subquery carries the owner, so its cost depends on the patient and not on the store.
/// </remarks>
/// <param name="counts">Resources that conditions leave, where known.</param>
internal sealed class ConditionSql(SqlDialect dialect, SqlArguments arguments, IReadOnlyDictionary<SearchExpression, long>? counts = null)
{
    /// <summary>Code of the pseudo-parameter whose token row carries a resource's shape; the extractor writes it under this name.</summary>
    private const string ShapeCode = "_shape";

    private readonly LeafSql leaves = new(dialect, arguments);
    private int aliases;
    private int depth;

    /// <summary>The patient all matches belong to, when the expression says so.</summary>
    public static long? OwnerOf(SearchExpression where) => where switch
    {
        SearchExpression.Reference { Owner: { } owner } => owner,
        SearchExpression.And and => and.Terms.Select(OwnerOf).FirstOrDefault(o => o is not null),
        SearchExpression.Or { Terms: [_, ..] terms } => Common(terms),
        _ => null,
    };

    /// <summary>The owner that every branch names; a Patient itself is among its own rows.</summary>
    private static long? Common(IReadOnlyList<SearchExpression> terms)
    {
        var owner = terms.Select(OwnerOf).FirstOrDefault(o => o is not null);
        return terms.All(t => t is SearchExpression.Sids { Values: [var only] } ? only == owner : OwnerOf(t) == owner) ? owner : null;
    }

    /// <summary>Flat list of conditions that must all hold; negations pushed down to where an index can answer them.</summary>
    public static List<SearchExpression> Terms(SearchExpression where)
    {
        var terms = new List<SearchExpression>();
        Collect(where, terms);
        return terms;

        static void Collect(SearchExpression term, List<SearchExpression> into)
        {
            switch (term)
            {
                case SearchExpression.And and:
                    foreach (var t in and.Terms)
                        Collect(t, into);
                    break;
                case SearchExpression.Or { Terms: [var only] }:
                    Collect(only, into);
                    break;
                case SearchExpression.Not { Term: SearchExpression.Not inner }:
                    Collect(inner.Term, into);
                    break;
                case SearchExpression.Not { Term: SearchExpression.Or or }:
                    foreach (var t in or.Terms)
                        Collect(new SearchExpression.Not(t), into);
                    break;
                default:
                    into.Add(term);
                    break;
            }
        }
    }

    /// <param name="alias">Alias of the resource row.</param>
    /// <param name="owner">Owner that every row of the resource carries; null when unknown.</param>
    /// <returns>Conditions joined by AND, beginning with the driver; whether there is one, and the surrogate keys it names.</returns>
    public (string Text, bool IsDriven, string? Driver) All(SearchExpression where, string alias, long? owner)
    {
        var terms = Terms(where);
        var ranked = terms.Select(t => (Term: t, Rank: Selectivity.Of(t, owner is not null)))
            .OrderBy(t => Selectivity.Of(t.Term, owner is not null, counts)).ToList();
        var isDriven = ranked is [{ Rank: < Selectivity.None }, ..];
        var conditions = ranked.Select((t, i) => One(t.Term, alias, owner, isDriver: i == 0 && isDriven)).ToList();
        var driver = isDriven && conditions[0].StartsWith($"{alias}.Sid IN ", StringComparison.Ordinal) ? conditions[0][$"{alias}.Sid IN ".Length..] : null;

        // Ids are found through the key (Type, Id) itself, which needs the type beside them.
        var bySid = isDriven && ranked[0].Term is not SearchExpression.Ids;
        return (conditions.Count == 0 ? "1 = 1" : string.Join(" AND ", conditions), bySid, driver);
    }

    /// <summary>
    /// Everything that matches, as the index alone tells it: rows of the driver, the others probed by what such a row holds (resource and owner).
    /// Null when there is no driver, or when something stands in the resource row only.
    /// </summary>
    /// <returns>FROM and WHERE of rows <c>r</c>, possibly several a resource.</returns>
    public string? InIndex(SearchExpression where, long? owner)
    {
        var terms = Terms(where).OrderBy(t => Selectivity.Of(t, owner is not null, counts)).ToList();
        if (terms is not [var driver, ..] || !terms.TrueForAll(IsInIndex))
            return null;

        List<SearchExpression> leaves = driver is SearchExpression.Or any ? [.. Flat(any)] : [driver];
        if (leaves.Count == 0 || !leaves.TrueForAll(l => LeafSql.Table(l) is not null))
            return null;
        var rows = string.Join(" UNION ALL ", leaves is [var only] ? [Sids(only, owner, withOwner: true)] : Selects(LeafSql.Merge(leaves), owner, withOwner: true));
        var more = string.Concat(terms.Skip(1).Select(t => " AND " + One(t, "r", owner, isDriver: false)));
        return $"FROM ({rows}) r{(more.Length > 0 ? " WHERE" + more[4..] : "")}";
    }

    private static bool IsInIndex(SearchExpression term) => term switch
    {
        SearchExpression.Or or => or.Terms.All(IsInIndex),
        SearchExpression.And and => and.Terms.All(IsInIndex),
        SearchExpression.Not not => IsInIndex(not.Term),
        SearchExpression.Missing => true,
        _ => LeafSql.IsLeaf(term),
    };

    /// <summary>Whether a look at the rows of one resource decides the term.</summary>
    public static bool IsProbe(SearchExpression term) => term switch
    {
        SearchExpression.Or or => or.Terms.Count > 0 && or.Terms.All(IsProbe),
        SearchExpression.Not not => IsProbe(not.Term),
        SearchExpression.Missing or SearchExpression.LastUpdated or SearchExpression.UnchangedSince or SearchExpression.Date => true,
        _ => IsSeek(term),
    };

    /// <summary>Conditions, each beginning with AND, that look at the rows of the one resource only (<see cref="IsProbe"/>).</summary>
    public string Probes(SearchExpression where, string alias) => string.Concat(Terms(where).Select(t => " AND " + Probe(t, alias)));

    private string Probe(SearchExpression term, string alias) => term switch
    {
        SearchExpression.Or or => "(" + string.Join(" OR ", or.Terms.Select(t => Probe(t, alias))) + ")",
        SearchExpression.Not not => $"NOT ({Probe(not.Term, alias)})",
        SearchExpression.Missing or SearchExpression.LastUpdated or SearchExpression.UnchangedSince => One(term, alias, null, isDriver: false),
        _ => dialect.LookUp(RowsOf(term, alias, null)),
    };

    /// <summary>
    /// Condition that one resource, which something else has found, satisfies the expression: asked of its own rows wherever those can tell, so that it
    /// costs the same however many others satisfy it.
    /// </summary>
    public string Beside(SearchExpression where, string alias) =>
        Terms(where) is { Count: > 0 } terms ? string.Join(" AND ", terms.Select(t => OfItself(t, alias))) : "1 = 1";

    private string OfItself(SearchExpression term, string alias) => term switch
    {
        SearchExpression.And and => "(" + Beside(and, alias) + ")",
        SearchExpression.Or { Terms.Count: > 0 } or => "(" + string.Join(" OR ", or.Terms.Select(t => OfItself(t, alias))) + ")",
        SearchExpression.Not not => $"NOT ({OfItself(not.Term, alias)})",
        _ when LeafSql.Table(term) is not null => dialect.LookUp(RowsOf(term, alias, null)),
        _ => One(term, alias, null, isDriver: false),
    };

    private string One(SearchExpression term, string alias, long? owner, bool isDriver) => term switch
    {
        SearchExpression.Ids ids => ids.Values switch
        {
            [] => "1 = 0",
            [var id] => $"{alias}.Id = {arguments.Add(id)}",
            _ => dialect.InTexts($"{alias}.Id", arguments.Add(ids.Values.ToArray())),
        },
        SearchExpression.Sids sids => dialect.InNumbers($"{alias}.Sid", arguments.Add(sids.Values.ToArray())),
        SearchExpression.OfType of => $"{dialect.Probe($"{alias}.Type")} IN ({Numbers(of.Types)})",
        SearchExpression.LastUpdated updated => Between($"{alias}.LastUpdated", updated),
        SearchExpression.UnchangedSince since => dialect.Nearly($"{dialect.Probe($"{alias}.LastUpdated")} <= {arguments.Add(since.Instant)}"),
        SearchExpression.Missing missing => Missing(missing, alias, owner),
        SearchExpression.Not not => Not(not.Term, alias, owner),
        SearchExpression.And and => "(" + All(and, alias, owner).Text + ")",
        SearchExpression.Or none when !Flat(none).Any() => "1 = 0",
        SearchExpression.Or any when Flat(any).ToList() is var all && all.All(LeafSql.IsLeaf) => In(all, alias, owner, isDriver),
        SearchExpression.Or any => "(" + string.Join(" OR ", any.Terms.Select(t => One(t, alias, owner, isDriver: false))) + ")",
        _ when LeafSql.IsLeaf(term) => isDriver || !IsSeek(term) ? In([term], alias, owner, isDriver) : Exists(term, alias, owner),
        _ => throw new NotSupportedException($"{term.GetType().Name} has no SQL."),
    };

    private static IEnumerable<SearchExpression> Flat(SearchExpression.Or any) => any.Terms.SelectMany(t => t is SearchExpression.Or inner ? Flat(inner) : [t]);

    /// <summary>The resource is among those that the index rows of any of the leaves name.</summary>
    private string In(List<SearchExpression> terms, string alias, long? owner, bool isDriver)
    {
        var column = isDriver ? $"{alias}.Sid" : dialect.Probe($"{alias}.Sid");
        return $"{column} IN ({string.Join(" UNION ALL ", terms.Count == 1 ? [Sids(terms[0], owner)] : Selects(LeafSql.Merge(terms), owner))})";
    }

    /// <summary>Leaves that differ in their parameter only, as a search over several types has them, are one look at the index.</summary>
    private IEnumerable<string> Selects(IEnumerable<SearchExpression> terms, long? owner, bool withOwner = false)
    {
        var (x, selects, looks) = (Alias(), new List<string>(), new Dictionary<(string From, string Condition), List<string>>());
        foreach (var leaf in terms)
        {
            var condition = LeafSql.Table(leaf) is null ? "" : leaves.Condition(leaf, x);
            var param = $"{x}.Param = ";
            if (!condition.StartsWith(param, StringComparison.Ordinal))
            {
                selects.Add(Sids(leaf, owner, withOwner));
                continue;
            }

            var end = condition.IndexOf(' ', param.Length);
            var (number, rest) = end < 0 ? (condition[param.Length..], "") : (condition[param.Length..end], condition[end..]);
            var key = (LeafSql.From(leaf, x), rest);
            if (!looks.TryGetValue(key, out var numbers))
                looks[key] = numbers = [];
            numbers.Add(number);
        }

        var scope = owner is { } o && looks.Count > 0 ? $" AND {x}.Owner = {arguments.Add(o)}" : "";
        return looks.Select(l => $"SELECT {x}.Sid{(withOwner ? $", {x}.Owner" : "")} FROM {l.Key.From} WHERE {x}.Param {(l.Value is [var one] ? $"= {one}" : $"IN ({string.Join(", ", l.Value)})")}{l.Key.Condition}{scope}")
            .Concat(selects);
    }

    /// <summary>SELECT of the surrogate keys whose index rows satisfy the leaf.</summary>
    /// <param name="withOwner">The owner beside each; for leaves that one index table answers.</param>
    public string Sids(SearchExpression leaf, long? owner, bool withOwner = false)
    {
        var x = Alias();
        var scope = owner is { } o ? $" AND {x}.Owner = {arguments.Add(o)}" : "";
        return leaf switch
        {
            SearchExpression.Sids sids => $"SELECT {x}.Sid FROM Resource {x} WHERE {dialect.InNumbers($"{x}.Sid", arguments.Add(sids.Values.ToArray()))}",
            SearchExpression.Chain chain => $"SELECT {x}.Sid FROM Reference {x} WHERE {x}.Param = {chain.Param.Number}{scope} AND {x}.Target IN ({Matching(chain.TargetType, chain.Target)})",
            SearchExpression.ReverseChain reverse => $"SELECT {(depth > 0 ? dialect.Apart : "")}{x}.Target FROM Reference {x} WHERE {x}.Param = {reverse.Param.Number} AND {x}.Sid IN ({Matching(reverse.Param.Type, reverse.Source)})",
            _ => $"SELECT {x}.Sid{(withOwner ? $", {x}.Owner" : "")} FROM {LeafSql.From(leaf, x)} WHERE {leaves.Condition(leaf, x)}{scope}",
        };
    }

    /// <summary>SELECT of the surrogate keys of current resources of a type that match.</summary>
    private string Matching(string type, SearchExpression where)
    {
        var t = Alias();
        depth++;
        var (condition, isDriven, _) = All(where, t, OwnerOf(where));
        depth--;
        return $"SELECT {t}.Sid FROM Resource {t} WHERE {TypeIs(t, type, isDriven)} AND {condition}";
    }

    public string TypeIs(string alias, string type, bool isDriven)
    {
        var column = isDriven ? dialect.Probe($"{alias}.Type") : $"{alias}.Type";
        return $"{column} = {Resources.ResourceTypes.NumberOf(type)} AND {alias}.Deleted = 0";
    }

    /// <summary>Current resources of the types searched (none named: of every type).</summary>
    /// <param name="isDriven">Another condition names the rows by surrogate key.</param>
    public string TypesAre(string alias, SearchQuery query, bool isDriven)
    {
        if (query.Types is [var only])
            return TypeIs(alias, only, isDriven);

        // An id is sought by type and id; without either, the rows are gone through in their own order.
        var byId = !isDriven && Terms(query.Where).Exists(t => t is SearchExpression.Ids);
        if (query.Types.Count == 0 && !byId)
            return $"{alias}.Deleted = 0";
        return $"{(byId ? $"{alias}.Type" : dialect.Probe($"{alias}.Type"))} IN ({Numbers(query.Types is [] ? Resources.ResourceTypes.All : query.Types)}) AND {alias}.Deleted = 0";
    }

    private static string Numbers(IReadOnlyList<string> types) => string.Join(", ", types.Select(Resources.ResourceTypes.NumberOf));

    private string Exists(SearchExpression term, string alias, long? owner) => $"EXISTS (SELECT 1 {RowsOf(term, alias, owner)})";

    /// <summary>The rows of one resource that satisfy the leaf.</summary>
    private string RowsOf(SearchExpression term, string alias, long? owner)
    {
        var x = Alias();
        var same = owner is { } o ? arguments.Add(o) : $"{alias}.Owner";
        return $"FROM {LeafSql.From(term, x)} WHERE {leaves.Condition(term, x)} AND {x}.Owner = {same} AND {x}.Sid = {alias}.Sid";
    }

    private string Not(SearchExpression term, string alias, long? owner) => term switch
    {
        SearchExpression.Missing missing => Missing(missing with { IsMissing = !missing.IsMissing }, alias, owner),
        _ when LeafSql.IsLeaf(term) && (IsSeek(term) || (dialect.PrefersNotExists && LeafSql.Table(term) is not null)) => "NOT " + Exists(term, alias, owner),
        _ when LeafSql.IsLeaf(term) => $"{alias}.Sid NOT IN ({Sids(term, owner)})",
        _ => $"NOT ({One(term, alias, owner, isDriver: false)})",
    };

    /// <summary>By the shape row: each resource names the set of its parameters that have a value.</summary>
    private string Missing(SearchExpression.Missing missing, string alias, long? owner)
    {
        var (x, s) = (Alias(), Alias());
        var param = missing.Param;
        var same = owner is { } o ? arguments.Add(o) : $"{alias}.Owner";
        var shapes = $"SELECT {s}.Hash FROM Shape {s} WHERE {s}.Type = {Resources.ResourceTypes.NumberOf(param.Type)} AND {dialect.HasListed($"{s}.Params", param.Number)}";
        var shapeParam = missing.Shape is { } number ? arguments.Add(number) : $"(SELECT p.Number FROM Parameter p WHERE p.Type = '{param.Type}' AND p.Code = '{ShapeCode}')";
        var exists = $"EXISTS (SELECT 1 FROM Token {x} WHERE {x}.Param = {shapeParam} AND {x}.Hash IN ({shapes}) AND {x}.Owner = {same} AND {x}.Sid = {alias}.Sid)";
        return missing.IsMissing ? "NOT " + exists : exists;
    }

    private string Between(string column, SearchExpression.LastUpdated updated) => (updated.From, updated.Before) switch
    {
        ({ } from, { } before) => $"({column} >= {arguments.Add(from)} AND {column} < {arguments.Add(before)})",
        ({ } from, null) => $"{column} >= {arguments.Add(from)}",
        (null, { } before) => $"{column} < {arguments.Add(before)}",
        _ => "1 = 1",
    };

    /// <summary>A key seek finds whether one given resource has the value.</summary>
    private static bool IsSeek(SearchExpression term) => term is SearchExpression.Token { Hash: not null } or SearchExpression.Reference { Targets.Count: 1 };

    private string Alias() => $"x{++aliases}";
}
