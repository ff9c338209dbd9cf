using System.Text.RegularExpressions;
using FhirEmr.Terminology.CodeSystems.Icd10Cm;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>ICD-10-CM order file (headers and billable codes) or codes file (billable codes only); billing.md §8.1.</summary>
internal static partial class Icd10CmFile
{
    public static void Read(ReleaseText text, RowSink sink)
    {
        var first = text.Lines().Select(l => l.Line).FirstOrDefault() ?? "";
        if (OrderStart().IsMatch(first))
            ReadOrder(text, sink);
        else
            ReadCodes(text, sink, hasTitles: first.Length > 8);
        CheckTree(sink);
    }

    // Columns, 1-based: 1-5 order number, 7-13 code, 15 billable flag, 17-76 short title, 78- long title.
    private static void ReadOrder(ReleaseText text, RowSink sink)
    {
        foreach (var (number, line) in text.Lines())
        {
            if (line.Length < 17 || !OrderStart().IsMatch(line))
            {
                sink.Bad(number, "order number in columns 1-5, code in 7-13, 0 or 1 in 15, titles from 17 and 78", line);
                continue;
            }

            var code = line[6..13].Trim();
            var shortTitle = line[16..Math.Min(76, line.Length)].Trim();
            var longTitle = line.Length > 77 ? line[77..].Trim() : "";
            if (!Icd10CmCode.IsWellFormed(code))
                sink.Bad(number, "an ICD-10-CM code without dot in columns 7-13", line);
            else if (longTitle.Length == 0)
                sink.Bad(number, "a long title from column 78", line);
            else
                sink.Add(number, new(code, longTitle, shortTitle, IsBillable: line[14] == '1'), line);
        }
    }

    // 1-7 code, 9- title. Some publish the bare codes: then no line has a title.
    private static void ReadCodes(ReleaseText text, RowSink sink, bool hasTitles)
    {
        foreach (var (number, line) in text.Lines())
        {
            var code = line[..Math.Min(7, line.Length)].Trim();
            var title = line.Length > 8 ? line[8..].Trim() : "";
            if (!Icd10CmCode.IsWellFormed(code) || (line.Length > 7 && line[7] != ' '))
                sink.Bad(number, "an ICD-10-CM code without dot in columns 1-7, a blank in 8", line);
            else if (hasTitles != title.Length > 0)
                sink.Bad(number, hasTitles ? "a title from column 9" : "a code alone, as on the first line", line);
            else
                sink.Add(number, new(code, title, "", IsBillable: true), line);
        }
    }

    private static void CheckTree(RowSink sink)
    {
        var table = ConceptTable.Build(sink.Rows);
        for (var row = 0; row < table.Count; row++)
        {
            var hasChildren = row + 1 < table.Count && table.Parent(row + 1) == row;
            if (!table.IsBillable(row) && !hasChildren)
                sink.Warn($"{table.Code(row)} is a header with no code below it.");
            else if (table.IsBillable(row) && hasChildren)
                sink.Warn($"{table.Code(row)} is billable and has codes below it.");
        }
    }

    [GeneratedRegex("^[0-9]{5} [A-Z0-9 ]{7} [01] ")]
    private static partial Regex OrderStart();
}
