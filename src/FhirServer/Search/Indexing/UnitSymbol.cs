using System.Text;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>How units are spelled in the symbol dictionary.</summary>
/// <remarks>
/// <c>u:system|code</c> is a unit as recorded, <c>u:|text</c> one without a code (its human text, or nothing);
/// <c>c:canonical</c> is the UCUM unit that all commensurable ones are converted to. The prefixes keep them apart from each other and
/// from code systems, so that a search without a unit looks at recorded values only.
/// </remarks>
internal static class UnitSymbol
{
    private const string Recorded = "u:";

    public static ReadOnlySpan<byte> Ucum => "http://unitsofmeasure.org"u8;

    public static ReadOnlySpan<byte> CurrencySystem => "urn:iso:std:iso:4217"u8;

    public static string Of(string system, string code) => $"{Recorded}{system}|{code}";

    public static bool IsRecorded(string symbol) => symbol.StartsWith(Recorded, StringComparison.Ordinal);

    /// <summary>Whether a recorded unit has this code or text, whatever its system.</summary>
    public static bool HasCode(string symbol, string code) =>
        IsRecorded(symbol) && symbol.Length > code.Length && symbol.EndsWith(code, StringComparison.Ordinal) && symbol[^(code.Length + 1)] == '|';

    /// <summary>Writes <c>u:system|code</c> and gives its number.</summary>
    public static int NumberOf(ReadOnlySpan<byte> system, ReadOnlySpan<byte> code, IIndexContext context)
    {
        var length = Recorded.Length + system.Length + 1 + code.Length;
        var symbol = length <= 256 ? stackalloc byte[256] : new byte[length];
        var at = Encoding.UTF8.GetBytes(Recorded, symbol);
        system.CopyTo(symbol[at..]);
        at += system.Length;
        symbol[at++] = (byte)'|';
        code.CopyTo(symbol[at..]);
        return context.Symbol(symbol[..(at + code.Length)]);
    }
}
