using System.Diagnostics;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Conditions that the rows of one index table answer.</summary>
internal sealed class LeafSql(SqlDialect dialect, SqlArguments arguments)
{
    private const long DayMs = 86_400_000;

    /// <summary>Up to here each token is sought by itself, which planners judge better than a list.</summary>
    private const int FewTokens = 4;

    /// <summary>How far local days reach around UTC days: zones run from -12:00 to +14:00.</summary>
    private const long BehindMs = 12 * 3_600_000L, AheadMs = 14 * 3_600_000L;

    public static bool IsLeaf(SearchExpression term) => Table(term) is not null || term is SearchExpression.Chain or SearchExpression.ReverseChain or SearchExpression.Sids;

    public static string? Table(SearchExpression term) => term switch
    {
        SearchExpression.Token or SearchExpression.Tokens or SearchExpression.Displayed => "Token",
        SearchExpression.Composite or SearchExpression.IntegerPair => "Composite",
        SearchExpression.Reference => "Reference",
        SearchExpression.Date => "Date",
        SearchExpression.String => "String",
        SearchExpression.Number => "Number",
        SearchExpression.Quantity => "Quantity",
        SearchExpression.Uri => "Uri",
        _ => null,
    };

    /// <summary>What a condition on the leaf's rows is asked of.</summary>
    public static string From(SearchExpression leaf, string x) => leaf is SearchExpression.Displayed
        ? $"TokenDisplay {x}d JOIN Token {x} ON {x}.Hash = {x}d.Hash AND {x}.System = {x}d.System"
        : $"{Table(leaf)} {x}";

    /// <summary>References through one parameter become one leaf with all their targets, and many tokens one with a list.</summary>
    public static IEnumerable<SearchExpression> Merge(IReadOnlyList<SearchExpression> terms)
    {
        if (terms.Count > 1 && terms.All(t => t is SearchExpression.Reference r && r.Param == ((SearchExpression.Reference)terms[0]).Param))
            return [new SearchExpression.Reference(((SearchExpression.Reference)terms[0]).Param, [.. terms.SelectMany(t => ((SearchExpression.Reference)t).Targets)])];
        return terms.Count > FewTokens && terms.All(t => t is SearchExpression.Token { Hash: not null })
            ? terms.Cast<SearchExpression.Token>().GroupBy(t => (t.Param, t.System))
                .Select(g => new SearchExpression.Tokens(g.Key.Param, [.. g.Select(t => t.Hash!.Value)], g.Key.System))
            : terms;
    }

    public string Condition(SearchExpression leaf, string x) => leaf switch
    {
        SearchExpression.Token t => Param(x, t.Param.Number) + (t.Hash is { } hash ? $" AND {x}.Hash = {arguments.Add(hash)}" : "")
            + (t.System is { } system ? $" AND {x}.System = {arguments.Add(system)}" : ""),
        SearchExpression.Tokens { AllBut: true } t => Param(x, t.Param.Number) + $" AND {x}.System = {arguments.Add(t.System!.Value)}"
            + (t.Hashes.Count == 0 ? "" : $" AND NOT ({dialect.InNumbers($"{x}.Hash", arguments.Add(t.Hashes.ToArray()))})"),
        SearchExpression.Tokens t => Param(x, t.Param.Number) + $" AND {dialect.InNumbers($"{x}.Hash", arguments.Add(t.Hashes.ToArray()))}"
            + (t.System is { } of ? $" AND {x}.System = {arguments.Add(of)}" : ""),
        SearchExpression.Displayed d => $"{x}d.Param = {d.TextsOf} AND {Param(x, d.Param.Number)} AND {x}d.Folded >= {arguments.Add(d.Folded)} AND {x}d.Folded < {arguments.Add(d.Folded + dialect.LastCharacter)}",
        SearchExpression.Composite c => Param(x, c.Param.Number) + (c.Hash is { } first ? $" AND {x}.Hash = {arguments.Add(first)}" : "")
            + (c.System is { } its ? $" AND {x}.System = {arguments.Add(its)}" : "")
            + Units(x, c.Units) + Range($"{x}.Value", c.Low, c.LowInclusive, c.High, c.HighInclusive),
        SearchExpression.IntegerPair p => Param(x, p.Param.Number)
            + $" AND {x}.Hash = 0 AND {x}.Unit >= {arguments.Add(p.FirstLow)} AND {x}.Unit <= {arguments.Add(p.FirstHigh)} AND {x}.System >= {arguments.Add(p.SecondLow)} AND {x}.System <= {arguments.Add(p.SecondHigh)}",
        SearchExpression.Reference r => Param(x, r.Param.Number) + r.Targets switch
        {
            [] => " AND 1 = 0",
            [var only] => $" AND {x}.Target = {arguments.Add(only)}",
            _ => " AND " + dialect.InNumbers($"{x}.Target", arguments.Add(r.Targets.ToArray())),
        },
        SearchExpression.Date d => Param(x, d.Param.Number) + string.Concat(d.Comparisons.Select(c => Compare(x, c))),
        SearchExpression.String s => Param(x, s.Param.Number) + Text(x, s),
        SearchExpression.Number n => Param(x, n.Param.Number) + Range($"{x}.Value", n.Low, n.LowInclusive, n.High, n.HighInclusive),
        SearchExpression.Quantity q => Param(x, q.Param.Number) + Units(x, q.Units) + Range($"{x}.Value", q.Low, q.LowInclusive, q.High, q.HighInclusive),
        SearchExpression.Uri u => Param(x, u.Param.Number) + Uri(x, u),
        _ => throw new UnreachableException($"{leaf.GetType().Name} is answered by no index table."),
    };

    private string Units(string x, IReadOnlyList<int>? units) => units switch
    {
        null => "",
        [] => " AND 1 = 0",
        [var unit] => $" AND {x}.Unit = {arguments.Add(unit)}",
        _ => " AND " + dialect.InNumbers($"{x}.Unit", arguments.Add(units.Select(u => (long)u).ToArray())),
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
            StringMatch.Whole => $" AND {x}.Folded = {arguments.Add(value)}",
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
