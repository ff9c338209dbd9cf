using System.Globalization;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Writes a decimal so that ordinal order of the texts is numeric order, exactly, on every engine.</summary>
/// <remarks>
/// Sign, then exponent, then digits without trailing zeros: 5.4 → "q154", where 'q' says positive and the two letters/digits after it
/// the power of ten. Negative numbers complement every digit and end with '~' so that -1.5 sorts before -1.
/// </remarks>
internal static class DecimalKey
{
    private const int ExponentBias = 40;
    private const string Zero = "m";

    /// <summary>Significant digits a key has room for; a decimal has 29 at most.</summary>
    public const int MaxDigits = 38;

    /// <summary>Powers of ten a key can tell, as those of <c>0.ddd × 10^exponent</c>.</summary>
    public const int LeastExponent = -ExponentBias, GreatestExponent = 99 - ExponentBias;

    /// <summary>
    /// A key that sorts directly beside the value's own: before it for a negative side, behind it for a positive one, with no other decimal between.
    /// </summary>
    public static string Beside(decimal value, int side) => Beside(Encode(value), side);

    /// <param name="key">The value's own key.</param>
    /// <inheritdoc cref="Beside(decimal, int)"/>
    public static string Beside(string key, int side)
    {
        if (side == 0)
            return key;
        if (side > 0)
            return key + "!"; // sorts before every digit and before '~'
        if (key == Zero)
            return "l";
        // Positive keys end with a digit other than 0, negative ones with '~'.
        return key[0] == 'q' ? $"{key.AsSpan(0, key.Length - 1)}{(char)(key[^1] - 1)}~" : string.Concat(key.AsSpan(0, key.Length - 1), "}");
    }

    public static string Encode(decimal value)
    {
        if (value == 0)
            return Zero;

        Span<char> text = stackalloc char[40];
        decimal.Abs(value).TryFormat(text, out var length, "0.############################", CultureInfo.InvariantCulture);
        var number = text[..length];
        var point = number.IndexOf('.');
        Span<char> digits = stackalloc char[40];
        var count = 0;
        foreach (var c in number)
            if (c != '.')
                digits[count++] = c;
        return Encode(value < 0, digits[..count], point < 0 ? length : point);
    }

    /// <summary>The key of <c>0.digits × 10^exponent</c>; not all digits are 0.</summary>
    internal static string Encode(bool negative, ReadOnlySpan<char> digits, int exponent)
    {
        var significant = digits.TrimStart('0');
        exponent -= digits.Length - significant.Length;
        significant = significant.TrimEnd('0');
        var biased = exponent + ExponentBias;
        Span<char> key = stackalloc char[MaxDigits + 4];
        key[0] = negative ? 'b' : 'q';
        var shown = negative ? 99 - biased : biased;
        key[1] = (char)('0' + (shown / 10));
        key[2] = (char)('0' + (shown % 10));
        var at = 3;
        foreach (var c in significant)
            key[at++] = negative ? (char)('9' - c + '0') : c;
        if (negative)
            key[at++] = '~';
        return new string(key[..at]);
    }
}
