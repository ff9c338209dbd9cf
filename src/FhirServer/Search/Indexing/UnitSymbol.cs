using System.Text;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>How units are spelled in the symbol dictionary.</summary>
/// <remarks>
/// <c>u:system|code</c> is a unit as recorded, <c>u:|text</c> one without a code (its human text, or nothing);
/// <c>c:canonical</c> is the UCUM unit that all commensurable ones are converted to. The prefixes keep them apart from each other and
/// from code systems, so that a search without a unit looks at recorded values only. What was recorded as less or greater than a number
/// stands under the unit with a sign before it: <c>&lt;u:system|code</c>, <c>&gt;c:canonical</c>.
/// </remarks>
internal static class UnitSymbol
{
    private const string Recorded = "u:", Less = "<", Greater = ">";

    public static ReadOnlySpan<byte> Ucum => "http://unitsofmeasure.org"u8;

    public static ReadOnlySpan<byte> CurrencySystem => "urn:iso:std:iso:4217"u8;

    public static string Of(string system, string code) => $"{Recorded}{system}|{code}";

    public static bool IsRecorded(string symbol) => symbol.StartsWith(Recorded, StringComparison.Ordinal);

    /// <summary>The unit of what reaches from the number down without end (-1), up (1), or is the number itself (0).</summary>
    public static string Of(string symbol, int side) => side switch { < 0 => Less + symbol, > 0 => Greater + symbol, _ => symbol };

    /// <summary>The opposite of <see cref="Of(string, int)"/>.</summary>
    public static (string Symbol, int Side) Parse(string symbol) => symbol switch
    {
        ['<', .. var unit] => (unit, -1),
        ['>', .. var unit] => (unit, 1),
        _ => (symbol, 0),
    };

    /// <summary>Whether a recorded unit has this code or text, whatever its system.</summary>
    public static bool HasCode(string symbol, string code) =>
        IsRecorded(symbol) && symbol.Length > code.Length && symbol.EndsWith(code, StringComparison.Ordinal) && symbol[^(code.Length + 1)] == '|';

    /// <summary>Writes <c>u:system|code</c>, with the sign of a side before it, and gives its number.</summary>
    public static int NumberOf(ReadOnlySpan<byte> system, ReadOnlySpan<byte> code, IIndexContext context, int side = 0)
    {
        var length = 1 + Recorded.Length + system.Length + 1 + code.Length;
        var symbol = length <= 256 ? stackalloc byte[256] : new byte[length];
        var at = Begin(symbol, side) + Encoding.UTF8.GetBytes(Recorded, symbol[(side == 0 ? 0 : 1)..]);
        system.CopyTo(symbol[at..]);
        at += system.Length;
        symbol[at++] = (byte)'|';
        code.CopyTo(symbol[at..]);
        return context.Symbol(symbol[..(at + code.Length)]);
    }

    /// <summary>Number of a symbol with the sign of a side before it.</summary>
    public static int NumberOf(byte[] symbol, IIndexContext context, int side)
    {
        if (side == 0)
            return context.Symbol(symbol);
        Span<byte> signed = new byte[symbol.Length + 1];
        symbol.CopyTo(signed[Begin(signed, side)..]);
        return context.Symbol(signed);
    }

    private static int Begin(Span<byte> symbol, int side)
    {
        if (side == 0)
            return 0;
        symbol[0] = side < 0 ? (byte)'<' : (byte)'>';
        return 1;
    }
}
