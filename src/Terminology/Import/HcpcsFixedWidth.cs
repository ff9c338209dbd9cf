using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>The 320-column record: one first record a code (3) or modifier (7), continuation records (4, 8) that lengthen its text.</summary>
internal static class HcpcsFixedWidth
{
    private const string Shape = "code in 1-5, sequence in 6-10, record id 3, 4, 7 or 8 in 11, text in 12-91";

    public static void Read(ReleaseText text, RowSink sink)
    {
        (int Line, string Code, string Text, string First)? open = null;
        foreach (var (number, line) in text.Lines())
        {
            var code = line.Length >= 5 ? line[..5].Trim() : "";
            var recordId = line.Length > 11 ? line[10] : ' ';
            if (!HcpcsFile.IsCode(code) || recordId is not ('3' or '4' or '7' or '8') || !line[5..10].All(char.IsAsciiDigit)
                || (code.Length == 2) != recordId is '7' or '8')
            {
                sink.Bad(number, Shape, line);
            }
            else if (recordId is '3' or '7')
            {
                Close();
                open = (number, code, Cut(line, 12, 91), line);
            }
            else if (open is { } record && record.Code == code)
            {
                open = record with { Text = $"{record.Text} {Cut(line, 12, 91)}" };
            }
            else
            {
                sink.Bad(number, $"a first record of {code} before its continuation", line);
            }
        }

        Close();

        void Close()
        {
            if (open is not { } record)
                return;
            if (ToRow(record.Code, record.Text, record.First) is { } row)
                sink.Add(record.Line, row, record.First);
            else
                sink.Bad(record.Line, HcpcsFile.WrongDate, record.First);
        }
    }

    private static ConceptRow? ToRow(string code, string text, string line) => HcpcsFile.Row(
        code, text, Cut(line, 92, 119), Cut(line, 269, 276), Cut(line, 285, 292), new(StringComparer.Ordinal)
        {
            ["pricingIndicator"] = Several(line, 120, 2, 4),
            ["multiplePricing"] = Cut(line, 128, 128),
            ["statute"] = Cut(line, 171, 180),
            ["labCertification"] = Several(line, 181, 3, 8),
            ["crossReference"] = Several(line, 205, 5, 5),
            ["coverage"] = Cut(line, 230, 230),
            ["ascGroup"] = Cut(line, 231, 232),
            ["betos"] = Cut(line, 257, 259),
            ["typeOfService"] = Several(line, 261, 1, 5),
            ["actionEffective"] = Cut(line, 277, 284),
            ["action"] = Cut(line, 293, 293),
        });

    /// <summary>Columns as the layout counts them: 1-based, both ends included.</summary>
    private static string Cut(string line, int from, int to) =>
        line.Length < from ? "" : line[(from - 1)..Math.Min(to, line.Length)].Trim();

    private static string Several(string line, int from, int width, int count) => string.Join(',', Enumerable.Range(0, count)
        .Select(i => Cut(line, from + (i * width), from + (i * width) + width - 1)).Where(v => v.Length > 0));
}
