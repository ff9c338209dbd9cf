using System.Text;

namespace FhirEmr.FhirServer.Hl7V2.Syntax;

/// <summary>HL7 table 0211 and the names senders use beside it → how bytes become characters. Bytes that are none of the set are refused, not replaced.</summary>
internal static class Charsets
{
    private static readonly EncodingProvider CodePages = CodePagesEncodingProvider.Instance;

    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null for sets this program does not read.</summary>
    public static Encoding? Find(string name) => Normal(name) switch
    {
        "ASCII" or "USASCII" => Strict("us-ascii"),
        "UNICODEUTF8" or "UTF8" => Utf8,
        "88591" or "ISO88591" or "LATIN1" => Strict("iso-8859-1"),
        ['8', '8', '5', '9', .. var part] when IsPart(part) => Strict("iso-8859-" + part),
        ['I', 'S', 'O', '8', '8', '5', '9', .. var part] when IsPart(part) => Strict("iso-8859-" + part),
        "WINDOWS1252" or "CP1252" or "1252" => Strict("windows-1252"),
        "WINDOWS1250" or "CP1250" => Strict("windows-1250"),
        "WINDOWS1251" or "CP1251" => Strict("windows-1251"),
        "GB180302000" or "GB18030" => Strict("gb18030"),
        "BIG5" => Strict("big5"),
        "SHIFTJIS" => Strict("shift_jis"),
        _ => null,
    };

    private static bool IsPart(string part) => part is "2" or "3" or "4" or "5" or "6" or "7" or "8" or "9" or "13" or "15";

    private static string Normal(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static Encoding? Strict(string name)
    {
        try
        {
            return CodePages.GetEncoding(name, EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback)
                ?? Encoding.GetEncoding(name, EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
