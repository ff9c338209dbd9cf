using System.Diagnostics;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Conditions that the rows of one index table answer.</summary>
internal sealed class LeafSql(SqlDialect dialect, SqlArguments arguments)
{
    private const long DayMs = 86_400_000;

    /// <summary>How far local days reach around UTC days: zones run from -12:00 to +14:00.</summary>
    private const long BehindMs = 12 * 3_600_000L, AheadMs = 14 * 3_600_000L;

    public static bool IsLeaf(SearchExpression term) => Table(term) is not null || term is SearchExpression.Chain or SearchExpression.ReverseChain;

    public static string? Table(SearchExpression term) => term switch
    {
        SearchExpression.Token => "Token",
        SearchExpression.Reference => "Reference",
        SearchExpression.Date => "Date",
        SearchExpression.String => "String",
        SearchExpression.Number => "Number",
        SearchExpression.Quantity => "Quantity",
        SearchExpression.Uri => "Uri",
        SearchExpression.Word => "Word",
        _ => null,
    };

    /// <summary>References through one parameter become one leaf with all their targets.</summary>
    public static IEnumerable<SearchExpression> Merge(IReadOnlyList<SearchExpression> terms)
    {
        if (terms.Count > 1 && terms.All(t => t is SearchExpression.Reference r && r.Param == ((SearchExpression.Reference)terms[0]).Param))
            return [new SearchExpression.Reference(((SearchExpression.Reference)terms[0]).Param, [.. terms.SelectMany(t => ((SearchExpression.Reference)t).Targets)])];
        return terms;
    }

    public string Condition(SearchExpression leaf, string x) => leaf switch
    {
        SearchExpression.Token t => Param(x, t.Param.Number) + (t.Hash is { } hash ? $" AND {x}.Hash = {arguments.Add(hash)}" : "")
            + (t.System is { } system ? $" AND {x}.System = {arguments.Add(system)}" : ""),
        SearchExpression.Reference r => Param(x, r.Param.Number) + r.Targets switch
        {
            [] => " AND 1 = 0",
            [var only] => $" AND {x}.Target = {arguments.Add(only)}",
            _ => " AND " + dialect.InNumbers($"{x}.Target", arguments.Add(r.Targets.ToArray())),
        },
        SearchExpression.Date d => Param(x, d.Param.Number) + string.Concat(d.Comparisons.Select(c => Compare(x, c))),
        SearchExpression.String s => Param(x, s.Param.Number) + Text(x, s),
        SearchExpression.Number n => Param(x, n.Param.Number) + Range($"{x}.Value", n.Low, n.LowInclusive, n.High, n.HighInclusive),
        SearchExpression.Quantity q => Param(x, q.Param.Number) + q.Units switch
        {
            null => "",
            [] => " AND 1 = 0",
            [var unit] => $" AND {x}.Unit = {arguments.Add(unit)}",
            var units => " AND " + dialect.InNumbers($"{x}.Unit", arguments.Add(units.Select(u => (long)u).ToArray())),
        } + Range($"{x}.Value", q.Low, q.LowInclusive, q.High, q.HighInclusive),
        SearchExpression.Uri u => Param(x, u.Param.Number) + Uri(x, u),
        SearchExpression.Word w => Param(x, w.Param.Number) + (w.IsPrefix
            ? $" AND {x}.Word >= {arguments.Add(w.Value)} AND {x}.Word < {arguments.Add(w.Value + dialect.LastCharacter)}"
            : $" AND {x}.Word = {arguments.Add(w.Value)}"),
        _ => throw new UnreachableException($"{leaf.GetType().Name} is answered by no index table."),
    };

    private static string Param(string x, int number) => $"{x}.Param = {number}";

    /// <summary>Comparisons on local days also bound the instant, so that an index led by it can be entered.</summary>
    private string Compare(string x, DateComparison c)
    {
        var exact = $" AND {x}.{c.Column} {Operator(c.Operator)} {arguments.Add(c.Value)}";
        return (c.Column, c.Operator) switch
        {
            (DateColumn.DayLo, ComparisonOperator.Less or ComparisonOperator.LessOrEqual) when InRange(c.Value) =>
                exact + $" AND {x}.Lo < {arguments.Add(((c.Value + 1) * DayMs) + BehindMs)}",
            (DateColumn.DayLo, ComparisonOperator.Greater or ComparisonOperator.GreaterOrEqual) when InRange(c.Value) =>
                exact + $" AND {x}.Lo >= {arguments.Add((c.Value * DayMs) - AheadMs)}",
            (DateColumn.DayLo, ComparisonOperator.Equal) when InRange(c.Value) =>
                exact + $" AND {x}.Lo >= {arguments.Add((c.Value * DayMs) - AheadMs)} AND {x}.Lo < {arguments.Add(((c.Value + 1) * DayMs) + BehindMs)}",
            _ => exact,
        };
    }

    private static bool InRange(long day) => Math.Abs(day) < long.MaxValue / DayMs / 2;

    private string Text(string x, SearchExpression.String s)
    {
        var value = Cut(s.Value, StringRow.MaxLength);
        return s.Match switch
        {
            StringMatch.Exact => $" AND {x}.Exact = {arguments.Add(value)}",
            StringMatch.Contains => " AND " + dialect.Contains($"{x}.Folded", arguments.Add(value)),
            _ when value.Length == 0 => "",
            _ => $" AND {x}.Folded >= {arguments.Add(value)} AND {x}.Folded < {arguments.Add(value + dialect.LastCharacter)}",
        };
    }

    private string Uri(string x, SearchExpression.Uri u)
    {
        if (!u.Below)
            return $" AND {x}.Value = {arguments.Add(u.Value)}";

        // '0' is the character after '/': the range holds exactly what lies below on path segments.
        var segment = u.Value.EndsWith('/') ? u.Value[..^1] : u.Value;
        return $" AND {x}.Value >= {arguments.Add(segment)} AND ({x}.Value = {arguments.Add(u.Value)} OR ({x}.Value >= {arguments.Add(segment + "/")} AND {x}.Value < {arguments.Add(segment + "0")}))";
    }

    private string Range(string column, string? low, bool lowInclusive, string? high, bool highInclusive) =>
        (low is null ? "" : $" AND {column} {(lowInclusive ? ">=" : ">")} {arguments.Add(low)}")
        + (high is null ? "" : $" AND {column} {(highInclusive ? "<=" : "<")} {arguments.Add(high)}");

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string Operator(ComparisonOperator op) => op switch
    {
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Equal => "=",
        ComparisonOperator.NotEqual => "<>",
        ComparisonOperator.GreaterOrEqual => ">=",
        _ => ">",
    };
}
