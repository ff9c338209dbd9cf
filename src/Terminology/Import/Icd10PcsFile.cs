using System.Text.RegularExpressions;

namespace FhirEmr.Terminology.Import;

/// <summary>ICD-10-PCS order file: the layout of the ICD-10-CM one, with the first three characters of each table as headers.</summary>
internal static partial class Icd10PcsFile
{
    // Columns, 1-based: 1-5 order number, 7-13 code, 15 valid flag, 17-76 short title, 78- long title.
    public static void Read(ReleaseText text, RowSink sink)
    {
        foreach (var (number, line) in text.Lines())
        {
            var code = line.Length >= 13 ? line[6..13].Trim() : "";
            if (line.Length < 17 || !Start().IsMatch(line))
                sink.Bad(number, "order number in columns 1-5, code in 7-13, 0 or 1 in 15, titles from 17 and 78", line);
            else if (!Shape().IsMatch(code))
                sink.Bad(number, "an ICD-10-PCS code: three characters of a table or seven, never I or O", line, 7);
            else if (line.Length <= 77)
                sink.Bad(number, "a long title from column 78", line, 78);
            else
                sink.Add(number, new(code, line[77..].Trim(), line[16..76].Trim(), IsBillable: line[14] == '1'), line);
        }
    }

    [GeneratedRegex("^[0-9]{5} [A-Z0-9 ]{7} [01] ")]
    private static partial Regex Start();

    [GeneratedRegex("^[0-9A-HJ-NP-Z]{3}([0-9A-HJ-NP-Z]{4})?$")]
    private static partial Regex Shape();
}
