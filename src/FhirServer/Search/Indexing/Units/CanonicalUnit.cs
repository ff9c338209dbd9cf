using System.Globalization;
using System.Numerics;

namespace FhirEmr.FhirServer.Search.Indexing.Units;

/// <summary>How to convert a UCUM unit to its base units: (value + offset) × factor, never rounded before the index has no room for more digits.</summary>
/// <param name="symbol">The symbol text the index knows the base unit by.</param>
/// <param name="offset">For temperature scales; 0 for all others.</param>
internal sealed class CanonicalUnit(byte[] symbol, Ratio factor, decimal offset)
{
    private readonly decimal numerator = Within(factor.Numerator), denominator = Within(factor.Denominator);

    public byte[] Symbol => symbol;

    /// <summary>The text of <see cref="Symbol"/>.</summary>
    public string Name { get; } = System.Text.Encoding.UTF8.GetString(symbol);

    /// <summary>
    /// The converted value as a <see cref="DecimalKey"/>; what has no end in decimal digits is cut behind the last one a key has room for. Null
    /// when it is smaller or greater than a key can say; such a value is found by its recorded unit only.
    /// </summary>
    public string? Key(decimal value) => TryExactly(value, out var converted) ? DecimalKey.Encode(converted) : Long(value);

    /// <summary>In decimal arithmetic; false unless nothing was rounded on the way.</summary>
    internal bool TryExactly(decimal value, out decimal converted)
    {
        converted = 0;
        if (numerator == 0 || denominator == 0)
            return false;
        try
        {
            var moved = value + offset;
            var product = moved * numerator;
            converted = product / denominator;
            return IsExact(moved) && IsExact(product) && IsExact(converted);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>A result that was rounded fills its 96 bits or has 28 decimals.</summary>
    private static bool IsExact(decimal result)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(result, bits);
        return bits[2] == 0 && result.Scale < 28;
    }

    /// <summary><see cref="Key"/> in whole numbers of any length.</summary>
    internal string? Long(decimal value)
    {
        var moved = Ratio.Of(value) + Ratio.Of(offset);
        var (above, below) = (BigInteger.Abs(moved.Numerator) * factor.Numerator, moved.Denominator * factor.Denominator);
        if (above.IsZero)
            return DecimalKey.Encode(0);

        // One digit more or less than wanted, by the lengths: then cut.
        var shift = DecimalKey.MaxDigits + 1 - (Digits(above) - Digits(below));
        var scaled = shift >= 0 ? above * BigInteger.Pow(10, shift) / below : above / (below * BigInteger.Pow(10, -shift));
        var digits = scaled.ToString(CultureInfo.InvariantCulture);
        var exponent = digits.Length - shift;
        return exponent is < DecimalKey.LeastExponent or > DecimalKey.GreatestExponent
            ? null
            : DecimalKey.Encode(moved.Numerator.Sign < 0, digits.AsSpan(0, DecimalKey.MaxDigits), exponent);
    }

    private static int Digits(BigInteger value) => value.ToString(CultureInfo.InvariantCulture).Length;

    /// <summary>0 when decimal has no room for it.</summary>
    private static decimal Within(BigInteger value) => value <= (BigInteger)decimal.MaxValue ? (decimal)value : 0;
}
