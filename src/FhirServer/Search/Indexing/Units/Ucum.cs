using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace FhirEmr.FhirServer.Search.Indexing.Units;

/// <summary>UCUM unit codes → base units, in exact arithmetic (https://ucum.org/ucum).</summary>
/// <remarks>
/// Our own reader: the SDK's Fhir.Metrics rounds its factors, and it cannot run where globalization is invariant.
/// Amount of substance (mol) and the arbitrary units ([IU], [arb'U] ...) are base units here, so that they never equal plain numbers.
/// </remarks>
internal static class Ucum
{
    private const int CacheLimit = 4096; // unit codes come from clients
    private static readonly ConcurrentDictionary<string, CanonicalUnit?> Cache = new(StringComparer.Ordinal);

    /// <summary>Null for codes UCUM does not know, logarithmic scales (pH, dB) and bare annotations such as <c>{score}</c>.</summary>
    public static CanonicalUnit? Canonical(ReadOnlySpan<byte> code)
    {
        if (code.Length is 0 or > 64)
            return null;
        Span<char> text = stackalloc char[code.Length];
        var known = text[..Encoding.UTF8.GetChars(code, text)];
        return Cache.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(known, out var unit) ? unit : Canonical(known.ToString());
    }

    /// <inheritdoc cref="Canonical(ReadOnlySpan{byte})"/>
    public static CanonicalUnit? Canonical(string code)
    {
        if (Cache.TryGetValue(code, out var known))
            return known;
        var unit = Build(code);
        if (Cache.Count < CacheLimit)
            Cache[code] = unit;
        return unit;
    }

    private static CanonicalUnit? Build(string code)
    {
        if (code.Length is 0 or > 64)
            return null;
        switch (code) // the scales whose zero is not nothing
        {
            case "Cel":
                return new("c:K"u8.ToArray(), Ratio.One, 273.15m);
            case "[degF]":
                return new("c:K"u8.ToArray(), new(5, 9), 459.67m);
            case "[degRe]":
                return new("c:K"u8.ToArray(), new(5, 4), 218.52m);
        }

        return !code.AsSpan().ContainsAnyExceptInRange('!', '~') && UnitReader.Read(code) is { } unit
            ? new(Encoding.UTF8.GetBytes($"c:{unit.Dimension}"), unit.Factor, 0)
            : null;
    }
}

/// <summary>An exact factor.</summary>
internal readonly record struct Ratio
{
    public Ratio(BigInteger numerator, BigInteger denominator)
    {
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        (Numerator, Denominator) = (numerator / divisor, denominator / divisor);
    }

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public static Ratio One { get; } = new(1, 1);

    public static Ratio Parse(string text) => Of(decimal.Parse(text, CultureInfo.InvariantCulture));

    public static Ratio Of(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var digits = (((BigInteger)(uint)bits[2] << 32 | (uint)bits[1]) << 32) | (uint)bits[0];
        return new(value < 0 ? -digits : digits, BigInteger.Pow(10, value.Scale));
    }

    public static Ratio Ten(int exponent) =>
        exponent >= 0 ? new(BigInteger.Pow(10, exponent), 1) : new(1, BigInteger.Pow(10, -exponent));

    public static Ratio operator +(Ratio a, Ratio b) => new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Ratio operator *(Ratio a, Ratio b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public Ratio Power(int exponent) => exponent >= 0
        ? new(BigInteger.Pow(Numerator, exponent), BigInteger.Pow(Denominator, exponent))
        : new(BigInteger.Pow(Denominator, -exponent), BigInteger.Pow(Numerator, -exponent));
}
