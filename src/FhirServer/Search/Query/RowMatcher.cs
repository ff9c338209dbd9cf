using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Evaluates an expression over the rows of one resource in memory: what SQL does over the store, for what is not stored yet.</summary>
internal static class RowMatcher
{
    public static bool Matches(SearchExpression expression, IndexRows rows, string id) => expression switch
    {
        SearchExpression.And and => and.Terms.All(t => Matches(t, rows, id)),
        SearchExpression.Or or => or.Terms.Any(t => Matches(t, rows, id)),
        SearchExpression.Not not => !Matches(not.Term, rows, id),
        SearchExpression.Ids ids => ids.Values.Contains(id),
        SearchExpression.Token t => rows.Tokens.Exists(r =>
            r.Param == t.Param.Number && (t.Hash is null || r.Hash == t.Hash) && (t.System is null || r.System == t.System)),
        SearchExpression.Tokens t => rows.Tokens.Exists(r => r.Param == t.Param.Number && (t.System is null || r.System == t.System) && t.Hashes.Contains(r.Hash) != t.AllBut),
        SearchExpression.Composite c => rows.Composites.Exists(r => r.Param == c.Param.Number && (c.Hash is null || r.Hash == c.Hash) && (c.System is null || r.System == c.System)
            && (c.Units is null || c.Units.Contains(r.Unit)) && Within(r.Value, c.Low, c.LowInclusive, c.High, c.HighInclusive)),
        SearchExpression.IntegerPair p => rows.Composites.Exists(r => r.Param == p.Param.Number
            && r.Unit >= p.FirstLow && r.Unit <= p.FirstHigh && r.System >= p.SecondLow && r.System <= p.SecondHigh),
        SearchExpression.Reference f => rows.References.Exists(r => r.Param == f.Param.Number && f.Targets.Contains(r.Target)),
        SearchExpression.Date d => rows.Dates.Exists(r => r.Param == d.Param.Number && d.Comparisons.All(c => Holds(r, c))),
        SearchExpression.String s => rows.Strings.Exists(r => r.Param == s.Param.Number && s.Match switch
        {
            StringMatch.StartsWith => r.Folded.StartsWith(s.Value, StringComparison.Ordinal),
            StringMatch.Whole => r.Folded == s.Value,
            StringMatch.Contains => r.Folded.Contains(s.Value, StringComparison.Ordinal),
            _ => r.Exact == s.Value,
        }),
        SearchExpression.Word w => rows.Words.Exists(r => r.Param == w.Param.Number && (w.IsPrefix ? r.Word.StartsWith(w.Value, StringComparison.Ordinal) : r.Word == w.Value)),
        SearchExpression.Number n => rows.Numbers.Exists(r => r.Param == n.Param.Number && Within(r.Value, n.Low, n.LowInclusive, n.High, n.HighInclusive)),
        SearchExpression.Quantity q => rows.Quantities.Exists(r => r.Param == q.Param.Number && (q.Units is null || q.Units.Contains(r.Unit))
            && Within(r.Value, q.Low, q.LowInclusive, q.High, q.HighInclusive)),
        SearchExpression.Missing { Shape: null } m => rows.HasValue(m.Param.Number) != m.IsMissing,
        SearchExpression.Uri u => rows.Uris.Exists(r => r.Param == u.Param.Number
            && (r.Value == u.Value || (u.Below && r.Value.StartsWith(u.Value.TrimEnd('/') + "/", StringComparison.Ordinal)))),
        _ => throw new NotSupportedException($"{expression.GetType().Name} needs the whole store."),
    };

    /// <summary>Whether the rows of one resource are enough to answer it.</summary>
    public static bool Understands(SearchExpression expression) => expression switch
    {
        SearchExpression.And and => and.Terms.All(Understands),
        SearchExpression.Or or => or.Terms.All(Understands),
        SearchExpression.Not not => Understands(not.Term),
        SearchExpression.Missing missing => missing.Shape is null,
        SearchExpression.OfType or SearchExpression.LastUpdated or SearchExpression.Chain or SearchExpression.ReverseChain
            or SearchExpression.Body or SearchExpression.Sids or SearchExpression.Displayed => false,
        _ => true,
    };

    private static bool Holds(DateRow row, DateComparison c)
    {
        var value = c.Column switch { DateColumn.Lo => row.Lo, DateColumn.Hi => row.Hi, DateColumn.DayLo => row.DayLo, _ => row.DayHi };
        return c.Operator switch
        {
            ComparisonOperator.Less => value < c.Value,
            ComparisonOperator.LessOrEqual => value <= c.Value,
            ComparisonOperator.Equal => value == c.Value,
            ComparisonOperator.NotEqual => value != c.Value,
            ComparisonOperator.GreaterOrEqual => value >= c.Value,
            _ => value > c.Value,
        };
    }

    private static bool Within(string value, string? low, bool lowInclusive, string? high, bool highInclusive)
    {
        var fromLow = low is null ? 1 : string.CompareOrdinal(value, low);
        var toHigh = high is null ? 1 : string.CompareOrdinal(high, value);
        return (fromLow > 0 || (fromLow == 0 && lowInclusive)) && (toHigh > 0 || (toHigh == 0 && highInclusive));
    }
}
