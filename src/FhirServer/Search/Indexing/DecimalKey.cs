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

    /// <summary>
    /// A key that sorts directly beside the value's own: before it for a negative side, behind it for a positive one, with no other decimal between.
    /// </summary>
    public static string Beside(decimal value, int side)
    {
        var key = Encode(value);
        if (side == 0)
            return key;
        if (side > 0)
            return key + "!"; // sorts before every digit and before '~'
        if (value == 0)
            return "l";
        // Positive keys end with a digit other than 0, negative ones with '~'.
        return value > 0 ? $"{key.AsSpan(0, key.Length - 1)}{(char)(key[^1] - 1)}~" : string.Concat(key.AsSpan(0, key.Length - 1), "}");
    }

    public static string Encode(decimal value)
    {
        if (value == 0)
            return "m";

        Span<char> text = stackalloc char[40];
        decimal.Abs(value).TryFormat(text, out var length, "0.############################", CultureInfo.InvariantCulture);
        var number = text[..length];
        var point = number.IndexOf('.');
        Span<char> digits = stackalloc char[40];
        var count = 0;
        foreach (var c in number)
            if (c != '.')
                digits[count++] = c;

        var exponent = point < 0 ? length : point;
        var first = 0;
        while (digits[first] == '0')
        {
            first++;
            exponent--;
        }

        while (digits[count - 1] == '0')
            count--;

        var significant = digits[first..count];
        var biased = exponent + ExponentBias;
        var negative = value < 0;
        Span<char> key = stackalloc char[44];
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
