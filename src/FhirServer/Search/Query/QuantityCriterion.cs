using System.Text;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Indexing.Units;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A quantity in a search: number, system and code of the unit (search.html#quantity).</summary>
/// <remarks>
/// With the UCUM system the canonical unit is searched, so 5.4 g finds 5400 mg. A code without a system finds that code or unit text under
/// any system. A bare number looks at the values as recorded, whatever their unit. "&lt; 5" and "&gt; 5" are ranges without end and
/// compared as such (search.html#prefix): eq never finds them, gt4 finds "&lt; 5", and eb5 does too.
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
            && Number.Intervals().All(i => (i.Low is null || canonical.Key(i.Low.Value) is not null) && (i.High is null || canonical.Key(i.High.Value) is not null)))
            return Any(param, side => symbols.Find(UnitSymbol.Of(canonical.Name, side)) is { } unit ? [unit] : [], value => canonical.Key(value)!);

        return Any(param, side => (System, Code) switch
        {
            ("", "") => symbols.Where(s => UnitSymbol.Parse(s) is var (unit, its) && its == side && UnitSymbol.IsRecorded(unit)),
            ("", _) => symbols.Where(s => UnitSymbol.Parse(s) is var (unit, its) && its == side && UnitSymbol.HasCode(unit, Code)),
            _ => symbols.Find(UnitSymbol.Of(UnitSymbol.Of(System, Code), side)) is { } unit ? [unit] : [],
        }, DecimalKey.Encode);
    }

    private SearchExpression Any(SearchParam param, Func<int, IReadOnlyList<int>> unitsOf, Func<decimal, string> key)
    {
        var terms = new List<SearchExpression>();
        foreach (var side in (int[])[0, -1, 1])
            if (unitsOf(side) is { Count: > 0 } units)
                terms.AddRange(Number.Intervals(side).Select(i => new SearchExpression.Quantity(
                    param, units, i.Low is { } low ? key(low) : null, i.LowInclusive, i.High is { } high ? key(high) : null, i.HighInclusive)));
        return terms is [var only] ? only : new SearchExpression.Or(terms);
    }
}
