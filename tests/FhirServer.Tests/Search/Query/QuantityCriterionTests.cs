using System.Globalization;
using CsCheck;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Tests.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Query;

/// <summary>The quantity law: whatever unit was recorded and whatever unit is asked for, index and query decide as arithmetic in one unit does.</summary>
public class QuantityCriterionTests
{
    private static readonly (string Code, decimal Grams)[] Units = [("ug", 0.000001m), ("mg", 0.001m), ("g", 1m), ("kg", 1000m), ("[lb_av]", 453.59237m)];
    private static readonly string[] Prefixes = ["", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    private static readonly Gen<decimal> Values = Gen.Select(Gen.Int[-2000, 2000], Gen.Int[0, 3]).Select((n, scale) => new decimal(Math.Abs(n), 0, 0, n < 0, (byte)scale));

    [Fact]
    public void Index_and_query_agree_with_arithmetic() =>
        Gen.Select(Values, Gen.Int[0, 4], Values, Gen.Int[0, 4], Gen.Int[0, 8]).Sample((recorded, recordedUnit, asked, askedUnit, prefix) =>
        {
            var indexed = IndexedResource.Of($$$"""
                {"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":{{{Text(recorded)}}},"system":"http://unitsofmeasure.org","code":"{{{Units[recordedUnit].Code}}}"}}
                """);
            var criterion = QuantityCriterion.Parse($"{Prefixes[prefix]}{Text(asked)}|http://unitsofmeasure.org|{Units[askedUnit].Code}")!;
            var expression = criterion.For(new(0, "Observation", "value-quantity", Hl7.Fhir.Model.SearchParamType.Quantity, "", [], ""), indexed.Symbols);

            var (grams, factor) = (recorded * Units[recordedUnit].Grams, Units[askedUnit].Grams);
            var half = 0.5m / (decimal)Math.Pow(10, asked.Scale);
            var (low, high) = ((asked - half) * factor, (asked + half) * factor);
            var expected = Prefixes[prefix] switch
            {
                "ne" => grams < low || grams >= high,
                "gt" or "sa" => grams > asked * factor,
                "lt" or "eb" => grams < asked * factor,
                "ge" => grams >= asked * factor,
                "le" => grams <= asked * factor,
                "ap" => Math.Abs(grams - (asked * factor)) <= Math.Abs(asked * factor) / 10,
                _ => grams >= low && grams < high,
            };
            return indexed.Rows.Quantities.Any(row => Matches(expression, row)) == expected;
        }, iter: 3_000);

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool Matches(SearchExpression expression, QuantityRow row) => expression switch
    {
        SearchExpression.Or any => any.Terms.Any(t => Matches(t, row)),
        SearchExpression.Quantity q => q.Units!.Contains(row.Unit)
            && (q.Low is null || string.CompareOrdinal(row.Value, q.Low) is var low && (low > 0 || (low == 0 && q.LowInclusive)))
            && (q.High is null || string.CompareOrdinal(row.Value, q.High) is var high && (high < 0 || (high == 0 && q.HighInclusive))),
        _ => throw new ArgumentException($"{expression} is no quantity expression."),
    };
}
