using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Import;

/// <summary>The edit files of the National Correct Coding Initiative (billing.md §8.4 to §8.6).</summary>
internal static class NcciFiles
{
    /// <summary>Column 1 and 2 pairs; the key is both codes with a bar between. Deleted pairs stay, with their last day.</summary>
    public static void Pairs(ReleaseText text, RowSink sink)
    {
        var started = false;
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('\t', StringSplitOptions.TrimEntries);
            if (cells.Length < 2 || !IsCode(cells[0]) || !IsCode(cells[1]))
            {
                if (started) // six heading lines, more or fewer
                    sink.Bad(number, "two codes of five characters in the first columns", line, 1);
                continue;
            }

            started = true;
            if (cells.Length < 6 || !TableRow.TryDate(cells[3], out var from) || from is null || !TableRow.TryDate(cells[4] == "*" ? "" : cells[4], out var last))
                sink.Bad(number, "effective date CCYYMMDD in column 4, deletion date or * in 5", line, 4);
            else if (cells[5] is not ("0" or "1" or "9"))
                sink.Bad(number, "modifier indicator 0, 1 or 9 in column 6", line, 6);
            else
                sink.Add(number, new($"{cells[0]}|{cells[1]}", "", "", true, from, last, new Dictionary<string, string> { ["modifierIndicator"] = cells[5] }), line);
        }
    }

    /// <summary>Most units a day or line; the header is two lines in quotes, the notice above it too.</summary>
    public static void Units(ReleaseText text, RowSink sink)
    {
        var started = false;
        foreach (var (line, cells) in CsvText.Read(text.Text))
        {
            var code = cells[0].Trim();
            if (!IsCode(code))
            {
                if (started)
                    sink.Bad(line, "a code of five characters in the first column", string.Join(',', cells), 1);
                continue;
            }

            started = true;
            if (cells.Length < 3 || !int.TryParse(cells[1], out var units) || units < 0)
                sink.Bad(line, "the number of units in column 2", string.Join(',', cells), 2);
            else if (cells[2].Length == 0 || cells[2][0] is not ('1' or '2' or '3'))
                sink.Bad(line, "an adjudication indicator that begins with 1, 2 or 3 in column 3", string.Join(',', cells), 3);
            else
                sink.Add(line, new(code, "", "", true, Properties: TableRow.Kept(("units", cells[1].Trim()), ("indicator", cells[2][..1]))), string.Join(',', cells));
        }
    }

    /// <summary>Add-on codes and what they are added to: the key is both codes; type 2 has no primary.</summary>
    public static void AddOns(ReleaseText text, RowSink sink)
    {
        var started = false;
        foreach (var (number, line) in text.Lines())
        {
            var cells = line.Split('\t', StringSplitOptions.TrimEntries);
            if (!IsCode(cells[0]))
            {
                if (started)
                    sink.Bad(number, "an add-on code of five characters in the first column", line, 1);
                continue;
            }

            started = true;
            if (cells.Length < 3 || cells[1] is not ("1" or "2" or "3"))
                sink.Bad(number, "type 1, 2 or 3 in column 2", line, 2);
            else if (!TableRow.TryDate(cells[2], out var from) || !TableRow.TryDate(Cell(cells, 3), out var last))
                sink.Bad(number, "dates CCYYMMDD in columns 3 and 4", line, 3);
            else if (Cell(cells, 4) is { Length: > 0 } primary && !IsCode(primary))
                sink.Bad(number, "a primary code of five characters in column 5", line, 5);
            else if (!TableRow.TryDate(Cell(cells, 5), out var pairFrom) || !TableRow.TryDate(Cell(cells, 6), out var pairLast))
                sink.Bad(number, "dates CCYYMMDD in columns 6 and 7", line, 6);
            else
                sink.Add(number, new($"{cells[0]}|{Cell(cells, 4)}", "", "", true, pairFrom ?? from, pairLast ?? last, TableRow.Kept(("type", cells[1]), ("instruction", Cell(cells, 7)))), line);
        }
    }

    internal static bool IsCode(string text) => text.Length == 5 && text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));

    private static string Cell(string[] cells, int at) => at < cells.Length ? cells[at] : "";
}
