using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Operations.Explaining;

/// <summary>A condition in words; values are left out, for they are the caller's and may be about a patient.</summary>
internal static class ExplainText
{
    public static string Of(SearchExpression term) => term switch
    {
        SearchExpression.And { Terms.Count: 0 } => "every resource of the type",
        SearchExpression.And and => string.Join(" and ", and.Terms.Select(Of)),
        SearchExpression.Or { Terms.Count: 0 } => "nothing: no resource has such a value",
        SearchExpression.Or or => or.Terms.Count > 3 ? $"any of {or.Terms.Count}: {Of(or.Terms[0])}, ..." : "any of: " + string.Join(" or ", or.Terms.Select(Of)),
        SearchExpression.Not not => "not " + Of(not.Term),
        SearchExpression.Ids ids => ids.Values.Count == 1 ? "the logical id" : $"{ids.Values.Count} logical ids",
        SearchExpression.Sids sids => $"{sids.Values.Count} resources found before",
        SearchExpression.LastUpdated => "the instant of the last change",
        SearchExpression.Token t => $"{t.Param.Code}: " + (t.Hash, t.System) switch
        {
            (null, _) => "any code of one system",
            (_, null) => "a code, whatever its system",
            (_, 0) => "a code without a system",
            _ => "a code of one system",
        },
        SearchExpression.Tokens t => $"{t.Param.Code}: {(t.AllBut ? "none" : "any")} of {t.Hashes.Count} codes",
        SearchExpression.Displayed d => $"{d.Param.Code}: a code that some text beginning so stands beside",
        SearchExpression.Composite c => $"{c.Param.Code}: its parts together in one repetition",
        SearchExpression.IntegerPair p => $"{p.Param.Code}: two whole numbers together in one repetition",
        SearchExpression.OfType o => "a resource of " + string.Join(" or ", o.Types),
        SearchExpression.Reference r => $"{r.Param.Code}: a reference to {(r.Targets.Count == 0 ? "nothing known" : r.Targets.Count == 1 ? "one resource" : $"any of {r.Targets.Count} resources")}{(r.Owner is null ? "" : ", within that patient's own rows")}",
        SearchExpression.Date d => $"{d.Param.Code}: a date in an interval",
        SearchExpression.String s => $"{s.Param.Code}: a text that {s.Match switch { StringMatch.Exact => "is exactly so", StringMatch.Contains => "contains it (every text is looked at)", _ => "begins so, case and accents aside" }}",
        SearchExpression.Word w => $"{w.Param.Code}: a word of the narrative{(w.IsPrefix ? " that begins so" : "")}",
        SearchExpression.Number n => $"{n.Param.Code}: a number in an interval",
        SearchExpression.Quantity q => $"{q.Param.Code}: a quantity in an interval, in {(q.Units is null ? "any unit" : q.Units.Count == 1 ? "one unit" : $"{q.Units.Count} units")}",
        SearchExpression.Uri u => $"{u.Param.Code}: a URI {(u.Below ? "or one below it" : "as written")}",
        SearchExpression.Missing m => $"{m.Param.Code}: {(m.IsMissing ? "no value" : "some value")}",
        SearchExpression.Chain c => $"{c.Param.Code} leads to a {c.TargetType} with ({Of(c.Target)})",
        SearchExpression.ReverseChain r => $"a {r.Param.Type} with ({Of(r.Source)}) refers to it by {r.Param.Code}",
        SearchExpression.Body b => $"{b.Parameter ?? "the content"}: decided by reading bodies{(b.Candidates is null ? "" : $", of those with ({Of(b.Candidates)})")}",
        _ => term.GetType().Name,
    };
}
