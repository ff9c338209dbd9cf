using System.Globalization;
using System.Numerics;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Numbers and quantities (search.html#number, #quantity), in fractions so that nothing is rounded.</summary>
internal static class OracleQuantity
{
    private const string Currencies = "urn:iso:std:iso:4217";

    /// <summary>Value, system and code or unit text, as recorded; a side when it is all below (-1) or above (1) the number, which then belongs to it or not.</summary>
    public readonly record struct Recorded(decimal Value, string? System, string? Code, string? Unit, int Side = 0, bool IsClosed = false);

    /// <summary>Null when the datatype is no quantity. A Range counts by its ends, sampled data by its least and greatest value; "&lt; 5" is all below 5.</summary>
    public static IReadOnlyList<Recorded>? Of(Base value) => value switch
    {
        Quantity { Value: { } number } q => [new(number, q.System, q.Code, q.Unit, q.Comparator switch
        {
            Quantity.QuantityComparator.LessThan or Quantity.QuantityComparator.LessOrEqual => -1,
            Quantity.QuantityComparator.GreaterThan or Quantity.QuantityComparator.GreaterOrEqual => 1,
            _ => 0,
        }, q.Comparator is Quantity.QuantityComparator.LessOrEqual or Quantity.QuantityComparator.GreaterOrEqual)],
        Quantity => [],
        Money { Value: { } amount } m => [new(amount, m.CurrencyElement is null ? null : Currencies, OracleDate.Text(m.CurrencyElement), null)],
        Money => [],
        Hl7.Fhir.Model.Range r => [.. new[] { r.Low, r.High }.OfType<Quantity>().SelectMany(end => Of(end)!)],
        SampledData s => [.. Samples(s)],
        _ => null,
    };

    public static IReadOnlyList<decimal>? Numbers(Base value) => value switch
    {
        PrimitiveType { JsonValue: { } number } and (FhirDecimal or Integer or PositiveInt or UnsignedInt) => [Convert.ToDecimal(number, CultureInfo.InvariantCulture)],
        Hl7.Fhir.Model.Range r => [.. new[] { r.Low?.Value, r.High?.Value }.OfType<decimal>()],
        _ => null,
    };

    /// <param name="text">[prefix]number, with the precision it is written in.</param>
    /// <param name="map">From the unit asked for to the one compared in.</param>
    public static bool Holds(string text, Fraction value, Func<decimal, Fraction> map, int side = 0, bool isClosed = false)
    {
        var (prefix, written) = OracleSearch.TakePrefix(text);
        var number = decimal.Parse(written, NumberStyles.Float, CultureInfo.InvariantCulture);
        var mantissa = written.Split('e', 'E');
        var lastDigit = (mantissa.Length > 1 ? int.Parse(mantissa[1], CultureInfo.InvariantCulture) : 0) - (mantissa[0].Split('.') is [_, var fraction] ? fraction.Length : 0);
        if (mantissa.Length > 1 && mantissa[0].TrimStart('-', '+').Length == 1)
            lastDigit--; // 1e2 is 95 up to 105, says search.html#number
        var half = 0.5m;
        for (; lastDigit > 0; lastDigit--)
            half *= 10;
        for (; lastDigit < 0; lastDigit++)
            half /= 10;
        if (side != 0)
            return OpenRange();
        var contained = To(number - half) >= 0 && To(number + half) < 0;
        return prefix switch
        {
            "eq" => contained,
            "ne" => !contained,
            "gt" or "sa" => To(number) > 0,
            "lt" or "eb" => To(number) < 0,
            "ge" => To(number) >= 0,
            "le" => To(number) <= 0,
            "ap" => To(number - (Math.Abs(number) / 10)) >= 0 && To(number + (Math.Abs(number) / 10)) <= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(text), text, "No prefix."),
        };

        int To(decimal bound) => value < map(bound) ? -1 : value > map(bound) ? 1 : 0;

        // search.html#prefix: eq contains the range, gt and lt meet it, sa and eb have it whole on one side.
        bool OpenRange() => prefix switch
        {
            "eq" => false,
            "ne" => true,
            "gt" => side > 0 || To(number) > 0,
            "lt" => side < 0 || To(number) < 0,
            "ge" => side > 0 || To(number) > 0 || (isClosed && To(number) == 0),
            "le" => side < 0 || To(number) < 0 || (isClosed && To(number) == 0),
            "sa" => side > 0 && (To(number) > 0 || (!isClosed && To(number) == 0)),
            "eb" => side < 0 && (To(number) < 0 || (!isClosed && To(number) == 0)),
            "ap" => side < 0 ? Reaches(To(number - (Math.Abs(number) / 10)), 1) : Reaches(To(number + (Math.Abs(number) / 10)), -1),
            _ => throw new ArgumentOutOfRangeException(nameof(text), text, "No prefix."),
        };

        bool Reaches(int compared, int beyond) => compared == beyond || (isClosed && compared == 0);
    }

    /// <param name="text">[prefix]number, or with |system|code behind it, escaped.</param>
    public static bool Matches(Recorded recorded, string text)
    {
        var parts = OracleText.Split(text, '|').ConvertAll(OracleText.Unescape);
        if (parts is [var number])
            return Holds(number, new(recorded.Value), v => new(v), recorded.Side, recorded.IsClosed);
        var (system, code) = (parts[1], parts[2]);
        if (system.Length == 0)
            return (code.Length == 0 || recorded.Code == code || recorded.Unit == code) && Holds(parts[0], new(recorded.Value), v => new(v), recorded.Side, recorded.IsClosed);
        if (system == EdgeValues.Ucum && EdgeValues.Factors.TryGetValue(code, out var asked))
            return recorded.System == EdgeValues.Ucum && EdgeValues.Factors.TryGetValue(recorded.Code ?? "", out var own) && own.Base == asked.Base
                && Holds(parts[0], Base(recorded.Value, own), v => Base(v, asked), recorded.Side, recorded.IsClosed);
        return recorded.System == system && recorded.Code == code && Holds(parts[0], new(recorded.Value), v => new(v), recorded.Side, recorded.IsClosed);
    }

    /// <summary>The base unit that all of them have in common, empty when none of them has any; null when they differ, or when it cannot be told here.</summary>
    public static string? BaseOf(IEnumerable<Recorded> all) =>
        all.Select(q => q.System != EdgeValues.Ucum ? "" : EdgeValues.Factors.TryGetValue(q.Code ?? "", out var unit) ? unit.Base : null).Distinct().ToArray() is [{ } only] ? only : null;

    public static Fraction InBase(Recorded recorded) => Base(recorded.Value, EdgeValues.Factors[recorded.Code!]);

    private static Fraction Base(decimal value, (string Base, long Numerator, long Denominator, decimal Offset) unit) =>
        new Fraction(value + unit.Offset) * new Fraction(unit.Numerator, unit.Denominator);

    private static IEnumerable<Recorded> Samples(SampledData data)
    {
        var numbers = (data.Data ?? "").Split(' ').Where(t => decimal.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out _)).Select(t => decimal.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        if (data.Origin?.Value is { } origin && numbers.Length > 0)
            foreach (var number in new[] { numbers.Min(), numbers.Max() })
                yield return new(origin + (number * (data.Factor ?? 1)), data.Origin.System, data.Origin.Code, data.Origin.Unit);
    }
}

/// <summary>A number that is never rounded.</summary>
internal readonly record struct Fraction(BigInteger Numerator, BigInteger Denominator)
{
    public Fraction(decimal value)
        : this((BigInteger)(value * Power(value.Scale)), (BigInteger)Power(value.Scale))
    {
    }

    public static Fraction operator *(Fraction a, Fraction b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static bool operator <(Fraction a, Fraction b) => a.Numerator * b.Denominator < b.Numerator * a.Denominator;

    public static bool operator >(Fraction a, Fraction b) => b < a;

    private static decimal Power(int scale) => scale == 0 ? 1 : 10 * Power(scale - 1);
}
