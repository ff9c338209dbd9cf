using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Sort keys as columns of a page query, and the keyset condition that resumes behind a position.</summary>
/// <remarks>
/// A reference sorts by the id of what it points at here, so that what points at the same resource stands together.
/// Several values: the least ascending, the greatest descending; no value: last both ways. The surrogate key, in the direction of the
/// first key, breaks ties, so the order is total and a position names one place in it whatever is written meanwhile.
/// </remarks>
internal sealed class SortSql
{
    /// <summary>Characters of a token that sorting looks at: the value travels in the page link, which must stay a usable address.</summary>
    public const int TokenPrefix = 200;

    private readonly List<(string Column, string Join, bool Descending, bool MayBeNull)> keys = [];
    private readonly SqlArguments arguments;
    private readonly string sid;
    private readonly bool sidDescending;

    /// <param name="candidates">Parenthesised list of the surrogate keys that can match; null when any can.</param>
    public SortSql(SearchQuery query, string alias, long? owner, string? candidates, SqlArguments arguments)
    {
        this.arguments = arguments;
        sid = $"{alias}.Sid";
        sidDescending = query.Sort is [{ Descending: true }, ..];
        foreach (var key in query.Sort)
        {
            var own = key.Param.Number == 0 ? key.Param.Code switch
            {
                "_lastUpdated" => $"{alias}.LastUpdated",
                "_id" => $"{alias}.Id",
                _ => throw new NotSupportedException($"{key.Param} cannot be sorted on."),
            } : null;
            if (own is not null)
            {
                keys.Add((own, "", key.Descending, false));
                continue;
            }

            var s = $"s{keys.Count + 1}";
            keys.Add(($"{s}.V", $" LEFT JOIN ({Values(key, owner, candidates)}) {s} ON {s}.Sid = {sid}", key.Descending, true));
        }
    }

    /// <summary>Whether the key's values are numbers rather than texts.</summary>
    public static bool IsNumeric(SortKey key) => key.Param.Number == 0
        ? key.Param.Code == "_lastUpdated"
        : key.Param.Kind is SearchParamType.Date;

    public bool IsEmpty => keys.Count == 0;

    public string Joins => string.Concat(keys.Select(k => k.Join));

    /// <summary>", column AS V1, ..." for the inner select.</summary>
    public string Columns => string.Concat(keys.Select((k, i) => $", {k.Column} AS V{i + 1}"));

    public string InnerOrder => Order(i => keys[i].Column, sid);

    public string OuterOrder(string alias) => Order(i => $"{alias}.V{i + 1}", $"{alias}.Sid");

    /// <summary>Condition that the row lies behind the position.</summary>
    public string Behind(PagePosition after)
    {
        if (after.Values.Count != keys.Count)
            throw new ArgumentException("The page position does not belong to this sort.", nameof(after));

        var condition = $"{sid} {(sidDescending ? "<" : ">")} {arguments.Add(after.Sid)}";
        for (var i = keys.Count - 1; i >= 0; i--)
        {
            var (column, _, descending, mayBeNull) = keys[i];
            if (after.Values[i] is not { } value)
            {
                condition = $"({column} IS NULL AND {condition})";
                continue;
            }

            var argument = arguments.Add(value);
            var beyond = $"{column} {(descending ? "<" : ">")} {argument}" + (mayBeNull ? $" OR {column} IS NULL" : "");
            condition = $"({beyond} OR ({column} = {argument} AND {condition}))";
        }

        // Said once more without an alternative, so that an index can be entered at the place.
        return keys is [{ MayBeNull: false } first, ..] && after.Values[0] is { } start
            ? $"({first.Column} {(first.Descending ? "<=" : ">=")} {arguments.Add(start)} AND {condition})"
            : condition;
    }

    private string Order(Func<int, string> column, string tieBreak) => string.Join(", ", keys
        .SelectMany((k, i) => (string[])[.. k.MayBeNull ? [$"CASE WHEN {column(i)} IS NULL THEN 1 ELSE 0 END"] : (string[])[], column(i) + Direction(k.Descending)])
        .Append(tieBreak + Direction(sidDescending)));

    private static string Direction(bool descending) => descending ? " DESC" : "";

    /// <summary>
    /// Numbers are in order within a unit only: UCUM's base unit, to which all of a kind are converted, then the value. What has no base unit comes
    /// behind, both ways, by the unit as recorded. A comparator's sign before the unit does not count.
    /// </summary>
    private static string ByUnit(bool descending)
    {
        const string Unit = "CASE WHEN n.Text LIKE '<%' OR n.Text LIKE '>%' THEN SUBSTRING(n.Text, 2, 120) ELSE SUBSTRING(n.Text, 1, 120) END";
        var (based, recorded) = descending ? ("2", "1") : ("1", "2");
        return $"CONCAT(CASE WHEN n.Text LIKE 'c:%' OR n.Text LIKE '<c:%' OR n.Text LIKE '>c:%' THEN '{based}' ELSE '{recorded}' END, {Unit}, ' ', y.Value)";
    }

    /// <summary>One value per resource that has any, of those that can match at all.</summary>
    private string Values(SortKey key, long? owner, string? candidates)
    {
        var least = key.Descending ? "MAX" : "MIN";
        var scope = owner is { } o ? $" AND y.Owner = {arguments.Add(o)}" : "";
        var among = candidates is null ? "" : $" AND y.Sid IN {candidates}";
        var (from, column) = key.Param.Kind switch
        {
            SearchParamType.Date => ("Date y", "y.Lo"),
            SearchParamType.String => ("String y", "y.Folded"),
            SearchParamType.Number => ("Number y", "y.Value"),
            SearchParamType.Quantity => ("Quantity y JOIN Symbol n ON n.Number = y.Unit", ByUnit(key.Descending)),
            SearchParamType.Uri => ("Uri y", "y.Value"),
            SearchParamType.Reference => ("Reference y JOIN Resource t ON t.Sid = y.Target", "t.Id"),
            SearchParamType.Token => ("Token y JOIN TokenText t ON t.Hash = y.Hash", $"SUBSTRING(t.Text, 1, {TokenPrefix})"),
            _ => throw new NotSupportedException($"{key.Param} cannot be sorted on."),
        };
        return $"SELECT y.Sid, {least}({column}) AS V FROM {from} WHERE y.Param {(key.Numbers is [var one] ? $"= {one}" : $"IN ({string.Join(", ", key.Numbers)})")}{scope}{among} GROUP BY y.Sid";
    }
}
