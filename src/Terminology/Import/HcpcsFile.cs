using System.Globalization;
using FhirEmr.Terminology.CodeSystems.Hcpcs;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>HCPCS Level II, fixed width or CSV; both end in the same rows (billing.md §8.2).</summary>
internal static class HcpcsFile
{
    public const string WrongDate = "dates as CCYYMMDD or blank";

    public static void Read(ReleaseText text, RowSink sink)
    {
        // A fixed-width record has its record id, always a digit, in column 11 after a five-digit sequence number.
        var first = text.Lines().Select(l => l.Line).FirstOrDefault() ?? "";
        if (first.Length > 11 && first[5..11].All(char.IsAsciiDigit))
            HcpcsFixedWidth.Read(text, sink);
        else
            HcpcsCsv.Read(text, sink);
    }

    /// <summary>The row; null when a date does not read.</summary>
    public static ConceptRow? Row(string code, string longText, string shortText, string addDate, string termDate, Dictionary<string, string> properties)
    {
        if (!TryDate(addDate, out var from) || !TryDate(termDate, out var to))
            return null;

        var isModifier = code.Length == 2;
        properties["kind"] = isModifier ? "modifier" : "code";
        properties = properties.Where(p => p.Value.Length > 0).ToDictionary(p => p.Key, p => OneLine(p.Value), StringComparer.Ordinal);
        return new(code, OneLine(longText), OneLine(shortText), IsBillable: !isModifier, from, to, properties);
    }

    public static bool IsCode(string code) => HcpcsCode.IsCode(code) || HcpcsCode.IsModifier(code);

    /// <summary>Cells of a spreadsheet may break their lines.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool TryDate(string text, out DateOnly? date)
    {
        date = null;
        if (text.Length == 0)
            return true;
        if (!DateOnly.TryParseExact(text, ["yyyyMMdd", "yyyy-MM-dd", "M/d/yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        date = day;
        return true;
    }
}
