using System.Text.RegularExpressions;

namespace FhirEmr.Terminology.Import;

/// <summary>LOINC's main table, <c>Loinc.csv</c> (loinc.org, user's guide, appendix on the table's structure).</summary>
internal static partial class LoincFile
{
    private static readonly string[] Properties =
        ["COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "CLASSTYPE", "STATUS", "ORDER_OBS", "EXAMPLE_UCUM_UNITS", "VersionFirstReleased", "VersionLastChanged"];

    public static void Read(ReleaseText text, RowSink sink)
    {
        foreach (var row in Table.Rows(text, sink, "LOINC_NUM", "COMPONENT", "LONG_COMMON_NAME"))
        {
            var code = row["LOINC_NUM"];
            if (!Shape().IsMatch(code) || !IsCheckDigitRight(code))
            {
                sink.Bad(row.Line, "a LOINC number with its check digit (718-7)", row.Source, row.Table.Find("LOINC_NUM") + 1);
                continue;
            }

            var names = new[] { row["SHORTNAME"], row["DisplayName"], row["CONSUMER_NAME"] }.Concat(row["RELATEDNAMES2"].Split(';', StringSplitOptions.TrimEntries))
                .Where(n => n.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase);
            sink.Add(row.Line, new(code, row["LONG_COMMON_NAME"], "", true, Properties: Kept(row)) { Synonyms = [.. names], IsInactive = row["STATUS"] is not ("ACTIVE" or "TRIAL") }, row.Source);
        }
    }

    /// <summary>The last digit of a LOINC number is the modulus-10 check digit of those before it.</summary>
    internal static bool IsCheckDigitRight(string code)
    {
        var (sum, doubled) = (0, true);
        for (var i = code.Length - 3; i >= 0; i--, doubled = !doubled)
        {
            var digit = (code[i] - '0') * (doubled ? 2 : 1);
            sum += (digit / 10) + (digit % 10);
        }

        return (10 - (sum % 10)) % 10 == code[^1] - '0';
    }

    private static Dictionary<string, string> Kept(TableRow row)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Properties)
        {
            if (row[name] is { Length: > 0 } value)
                kept[name] = value;
        }

        return kept;
    }

    [GeneratedRegex("^[0-9]{1,7}-[0-9]$")]
    private static partial Regex Shape();
}
