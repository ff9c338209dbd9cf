using System.Text;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Units;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A quantity in a search: number, system and code of the unit (search.html#quantity).</summary>
/// <remarks>
/// With the UCUM system the canonical unit is searched, so 5.4 g finds 5400 mg. A code without a system finds that code or unit text under
/// any system. A bare number looks at the values as recorded, whatever their unit.
/// </remarks>
internal sealed record QuantityCriterion(NumberCriterion Number, string System, string Code)
{
    public const string Expected =
        "A quantity is [prefix]number, [prefix]number|system|code or [prefix]number||code, as in ge5.4|http://unitsofmeasure.org|mg.";

    public static QuantityCriterion? Parse(string text)
    {
        var parts = SearchText.Split(text, '|').ConvertAll(SearchText.Unescape);
        if (parts.Count is not (1 or 3) || NumberCriterion.Parse(parts[0]) is not { } number)
            return null;
        if (parts.Count == 1)
            return new(number, "", "");
        return parts[2].Length == 0 && parts[1].Length > 0 ? null : new(number, parts[1], parts[2]);
    }

    public SearchExpression For(SearchParam param, ISearchSymbols symbols)
    {
        if (Encoding.UTF8.GetBytes(System).AsSpan().SequenceEqual(UnitSymbol.Ucum) && Ucum.Canonical(Code) is { } canonical
            && InCanonicalUnit(param, canonical, symbols) is { } converted)
            return converted;

        var units = (System, Code) switch
        {
            ("", "") => symbols.Where(UnitSymbol.IsRecorded),
            ("", _) => symbols.Where(s => UnitSymbol.HasCode(s, Code)),
            _ => symbols.Find(UnitSymbol.Of(System, Code)) is { } unit ? [unit] : [],
        };
        if (units.Count == 0)
            return new SearchExpression.Or([]);
        return Any(Number.Intervals().Select(i => Term(param, units, i)));
    }

    private SearchExpression? InCanonicalUnit(SearchParam param, CanonicalUnit canonical, ISearchSymbols symbols)
    {
        var terms = new List<SearchExpression>();
        int[] units = symbols.Find(Encoding.UTF8.GetString(canonical.Symbol)) is { } unit ? [unit] : [];
        foreach (var interval in Number.Intervals())
        {
            if (!TryConvert(interval.Low, out var low) || !TryConvert(interval.High, out var high))
                return null;
            terms.Add(Term(param, units, interval with { Low = low, High = high }));
        }

        return units.Length == 0 ? new SearchExpression.Or([]) : Any(terms);

        bool TryConvert(decimal? bound, out decimal? converted)
        {
            converted = null;
            if (bound is not { } value)
                return true;
            if (!canonical.TryConvert(value, out var number))
                return false;
            converted = number;
            return true;
        }
    }

    private static SearchExpression.Quantity Term(SearchParam param, IReadOnlyList<int> units, NumberInterval interval) => new(
        param, units, Key(interval.Low), interval.LowInclusive, Key(interval.High), interval.HighInclusive);

    private static string? Key(decimal? value) => value is { } number ? DecimalKey.Encode(number) : null;

    private static SearchExpression Any(IEnumerable<SearchExpression> terms) =>
        terms.ToArray() is { Length: > 1 } several ? new SearchExpression.Or(several) : terms.Single();
}
