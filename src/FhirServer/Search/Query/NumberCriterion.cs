using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A number in a search, with the precision it was written in: 5.4 means 5.35 up to 5.45 (search.html#number).</summary>
internal readonly partial record struct NumberCriterion(ComparisonPrefix Prefix, decimal Value, decimal HalfStep)
{
    public const string Expected = "A number is [prefix]digits with an optional fraction or exponent, as in gt5.4.";

    private const decimal Greatest = 1e28m; // leaves room for every bound within decimal

    public static NumberCriterion? Parse(string text)
    {
        if (!ComparisonPrefixes.TryTake(text, out var prefix, out var number) || Form().Match(number) is not { Success: true } form
            || !decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || Math.Abs(value) > Greatest)
            return null;

        var exponent = form.Groups["exponent"] is { Success: true, Value: var e } ? int.Parse(e, CultureInfo.InvariantCulture) : 0;
        var lastDigit = exponent - form.Groups["fraction"].Length; // power of ten of the last digit written
        return lastDigit is < -27 or > 27 ? null : new(prefix, value, 0.5m * PowerOfTen(lastDigit));
    }

    /// <summary>The intervals that match, one or (for <c>ne</c>) two; a null bound is open.</summary>
    public IReadOnlyList<NumberInterval> Intervals()
    {
        var (low, high) = (Value - HalfStep, Value + HalfStep);
        return Prefix switch
        {
            ComparisonPrefix.Eq => [new(low, true, high, false)],
            ComparisonPrefix.Ne => [new(null, false, low, false), new(high, true, null, false)],
            ComparisonPrefix.Gt or ComparisonPrefix.Sa => [new(Value, false, null, false)],
            ComparisonPrefix.Lt or ComparisonPrefix.Eb => [new(null, false, Value, false)],
            ComparisonPrefix.Ge => [new(Value, true, null, false)],
            ComparisonPrefix.Le => [new(null, false, Value, true)],
            ComparisonPrefix.Ap => [new(Value - (Math.Abs(Value) / 10), true, Value + (Math.Abs(Value) / 10), true)],
            _ => throw new UnreachableException($"{Prefix} is no prefix."),
        };
    }

    private static decimal PowerOfTen(int power)
    {
        var result = 1m;
        for (; power > 0; power--)
            result *= 10;
        for (; power < 0; power++)
            result /= 10;
        return result;
    }

    [GeneratedRegex(@"^[+-]?[0-9]{1,20}(?:\.(?<fraction>[0-9]{1,20}))?(?:[eE](?<exponent>[+-]?[0-9]{1,2}))?\z")]
    private static partial Regex Form();
}

/// <summary>An interval of numbers; a null bound is open.</summary>
internal readonly record struct NumberInterval(decimal? Low, bool LowInclusive, decimal? High, bool HighInclusive);
