namespace FhirEmr.Terminology.Import;

/// <summary>CDC's list of vaccines: code | short name | full name | notes | status | ... , with or without a header line.</summary>
internal static class CvxFile
{
    public static void Read(ReleaseText text, RowSink sink)
    {
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (number == 1 && cells[0].Contains("CVX", StringComparison.OrdinalIgnoreCase))
                continue;
            if (cells.Length < 5 || cells[0].Length is 0 or > 3 || !cells[0].All(char.IsAsciiDigit))
            {
                sink.Bad(number, "CVX code | short name | full name | notes | status", line);
                continue;
            }

            // 1 and 01 are one code; HL7 writes two digits at least.
            var code = cells[0].TrimStart('0').PadLeft(2, '0');
            sink.Add(number, new(code, cells[2].Length > 0 ? cells[2] : cells[1], "", true, Properties: TableRow.Kept(("status", cells[4]), ("notes", cells[3])))
            {
                Synonyms = cells[1].Length > 0 && cells[1] != cells[2] ? [cells[1]] : [],
                IsInactive = !cells[4].Equals("Active", StringComparison.OrdinalIgnoreCase),
            }, line);
        }
    }
}
