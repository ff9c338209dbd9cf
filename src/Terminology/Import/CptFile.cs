using System.Text.RegularExpressions;
using FhirEmr.Terminology.CodeSystems.Cpt;

namespace FhirEmr.Terminology.Import;

/// <summary>A practice's own CPT descriptor file, tab or fixed layout (billing.md §8.3). Nothing of it is ever shipped.</summary>
internal static partial class CptFile
{
    public static void ReadCodes(ReleaseText text, RowSink sink) => Read(text, sink, CodeLine(), 5, "a CPT code (99213), a tab or blank, its text");

    public static void ReadModifiers(ReleaseText text, RowSink sink) => Read(text, sink, ModifierLine(), 2, "a two-character modifier, a tab or blank, its text");

    private static void Read(ReleaseText text, RowSink sink, Regex dataLine, int width, string expected)
    {
        (int Line, string Code, string Text)? open = null;
        var started = false;
        foreach (var (number, line) in text.Lines())
        {
            if (!dataLine.IsMatch(line))
            {
                if (started) // before the first data line stand title and copyright
                    sink.Bad(number, expected, line);
                continue;
            }

            started = true;
            var (code, piece) = (line[..width], line[(width + 1)..].Trim());
            if (open is { } record && record.Code == code)
            {
                open = record with { Text = $"{record.Text} {piece}" };
                continue;
            }

            Close();
            open = (number, code, piece);
        }

        Close();

        void Close()
        {
            if (open is { } record)
                sink.Add(record.Line, new(record.Code, record.Text, "", IsBillable: width == 5, Properties: CptCode.Properties(record.Code)), record.Code);
        }
    }

    [GeneratedRegex(@"^\d{4}[0-9A-Z][\t ]")]
    private static partial Regex CodeLine();

    [GeneratedRegex(@"^[0-9A-Z]{2}[\t ]")]
    private static partial Regex ModifierLine();
}
