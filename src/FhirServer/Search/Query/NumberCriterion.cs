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

        // search.html#number: 1e2 means 95 up to 105, so the exponential form says a digit more than the one it begins with.
        if (form.Groups["lone"].Success)
            lastDigit--;
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

    /// <summary>
    /// Where a range must end to match that has no end on one side (-1: reaches down from there, 1: up); side 0 as <see cref="Intervals()"/>.
    /// </summary>
    /// <remarks>search.html#prefix: gt, lt, ge, le and ap ask whether the ranges meet, sa and eb whether it lies on that side whole.</remarks>
    public IReadOnlyList<NumberInterval> Intervals(int side)
    {
        if (side == 0)
            return Intervals();
        return (Prefix, side) switch
        {
            (ComparisonPrefix.Eq, _) or (ComparisonPrefix.Sa, < 0) or (ComparisonPrefix.Eb, > 0) => [], // no value is as wide as that
            (ComparisonPrefix.Ne, _) or (ComparisonPrefix.Lt or ComparisonPrefix.Le, < 0) or (ComparisonPrefix.Gt or ComparisonPrefix.Ge, > 0) =>
                [new(null, false, null, false)],
            (ComparisonPrefix.Ap, < 0) => [Intervals()[0] with { High = null }],
            (ComparisonPrefix.Ap, _) => [Intervals()[0] with { Low = null }],
            _ => Intervals(),
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

    [GeneratedRegex(@"^[+-]?(?:(?<lone>[0-9])(?=[eE])|[0-9]{1,20})(?:\.(?<fraction>[0-9]{1,20}))?(?:[eE](?<exponent>[+-]?[0-9]{1,2}))?\z")]
    private static partial Regex Form();
}

/// <summary>An interval of numbers; a null bound is open.</summary>
internal readonly record struct NumberInterval(decimal? Low, bool LowInclusive, decimal? High, bool HighInclusive);
