using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Unindexed;
using Hl7.Fhir.Model;
using static FhirEmr.FhirServer.Search.Query.ComparisonOperator;

namespace FhirEmr.FhirServer.Search.Query.Filter;

/// <summary>One comparison of a filter, worded as the criterion that means the same.</summary>
internal static class FilterLeaf
{
    private const string Name = "_filter";

    public static async ValueTask<SearchExpression?> OfAsync(
        SearchParam param, FilterTerm.Comparison comparison, CriterionParser criteria, TimeZoneInfo zone, SearchFaults faults, CancellationToken ct)
    {
        var (op, value, kind) = (comparison.Operator!, comparison.Value, param.Kind);
        var isOrdered = kind is SearchParamType.Date or SearchParamType.Number or SearchParamType.Quantity;
        switch (op)
        {
            // Other comparisons are criteria, which know what to do while rows are missing.
            case "eq" or "ne" or "ew" when kind == SearchParamType.String && !param.IsIndexed:
            case "po" when kind == SearchParamType.Date && !param.IsIndexed:
                faults.Refuse("too-costly", Name, UnindexedParameter.CannotYet(param, $"be compared by '{op}' in a filter"));
                return null;
            case "eq" or "ne" or "gt" or "lt" or "ge" or "le" or "sa" or "eb" or "ap" when isOrdered:
                return await criteria.ParseAsync(param.Type, param.Code, op + value, ct);
            case "eq" when kind == SearchParamType.String:
                return criteria.Whole(param, value, Name);
            case "ne" when kind == SearchParamType.String:
                return new SearchExpression.Not(criteria.Whole(param, value, Name));
            case "eq":
                return await criteria.ParseAsync(param.Type, param.Code, Escaped(value), ct);
            case "ne":
                return await criteria.ParseAsync(param.Type, param.Code, Escaped(value), ct) is { } equal ? new SearchExpression.Not(equal) : null;
            case "co" when kind == SearchParamType.String:
                return await criteria.ParseAsync(param.Type, param.Code + ":contains", Escaped(value), ct);
            case "sw" when kind == SearchParamType.String:
                return await criteria.ParseAsync(param.Type, param.Code, Escaped(value), ct);
            case "ew" when kind == SearchParamType.String:
                return criteria.EndsWith(param, value, Name);
            case "re" when kind == SearchParamType.Reference:
                return await criteria.ParseAsync(param.Type, param.Code, Escaped(value), ct);
            case "pr" when value is "true" or "false":
                return await criteria.ParseAsync(param.Type, param.Code + ":missing", value == "true" ? "false" : "true", ct);
            case "po" when kind == SearchParamType.Date && param.Number > 0 && DateCriterion.Parse(value, zone) is { } date:
                return Overlaps(param, date);
            case "ss" or "sb" or "in" or "ni" when kind == SearchParamType.Token:
                return await criteria.ParseAsync(param.Type, $"{param.Code}:{op switch { "ss" => "below", "sb" => "above", "in" => "in", _ => "not-in" }}", Escaped(value), ct);
        }

        faults.Refuse("not-supported", Name, Why(param, op, value, comparison.At));
        return null;
    }

    private static string Why(SearchParam param, string op, string value, int at) => op switch
    {
        "pr" => $"'pr' takes true or false, not '{value}' (character {at} of the filter).",
        "po" when param.Kind == SearchParamType.Date => $"'{value}' is no value for '{param.Code}' (character {at} of the filter). {DateCriterion.Expected}",
        _ => $"'{op}' has no meaning for '{param.Code}' of {param.Type} (character {at} of the filter): it is a {param.Kind.ToString().ToLowerInvariant()}, which takes "
            + param.Kind switch
            {
                SearchParamType.String => "eq, ne, co, sw, ew, pr",
                SearchParamType.Token => "eq, ne, pr, ss, sb, in, ni",
                SearchParamType.Reference => "re, eq, ne, pr",
                SearchParamType.Date => "eq, ne, gt, lt, ge, le, sa, eb, ap, po, pr",
                SearchParamType.Number or SearchParamType.Quantity => "eq, ne, gt, lt, ge, le, sa, eb, ap, pr",
                _ => "eq, ne, pr",
            } + ".",
    };

    /// <summary>The periods have at least an instant in common.</summary>
    private static SearchExpression.Date Overlaps(SearchParam param, DateCriterion date) => date.HasTime
        ? new(param, [new(DateColumn.Lo, Less, date.Range.Hi), new(DateColumn.Hi, Greater, date.Range.Lo)])
        : new(param, [new(DateColumn.DayLo, Less, date.Range.DayHi), new(DateColumn.DayHi, Greater, date.Range.DayLo)]);

    /// <summary>A filter's value is one value, whatever it contains; <c>|</c> still parts system and code.</summary>
    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("$", "\\$", StringComparison.Ordinal);
}
