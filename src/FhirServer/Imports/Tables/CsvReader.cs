using System.Text;

namespace FhirEmr.FhirServer.Imports.Tables;

/// <summary>RFC 4180, and what programs make of it: other separators, other encodings, line ends of all sorts, quoted line breaks.</summary>
internal static class CsvReader
{
    private const int SampledRecords = 20;

    private static readonly (char Character, string Name)[] Separators = [(',', "commas"), (';', "semicolons"), ('\t', "tabs"), ('|', "bars")];

    /// <exception cref="SourceTableException">No separator makes a table of it, or it holds what no text does.</exception>
    public static SourceTable Read(byte[] file)
    {
        var (text, encoding) = Decode(file);
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var at)
            throw new SourceTableException($"Line {text.AsSpan(0, at).Count('\n') + 1} holds a character that no text has: this is no CSV file.");
        var separator = SeparatorOf(text);
        return TableReader.Of($"CSV, {encoding}, separated by {separator.Name}", Records(text, separator.Character, int.MaxValue));
    }

    /// <summary>By its byte order mark; without one UTF-8 when it is valid as such, and what Windows in the United States wrote before otherwise.</summary>
    internal static (string Text, string Encoding) Decode(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return (Encoding.UTF8.GetString(file[3..]), "UTF-8");
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return (Encoding.Unicode.GetString(file[2..]), "UTF-16");
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return (Encoding.BigEndianUnicode.GetString(file[2..]), "UTF-16, big-endian");

        // Every other byte of western text in UTF-16 is zero, and none of any other text is.
        if (file.Length >= 4 && file[0] != 0 && file[1] == 0 && file[3] == 0)
            return (Encoding.Unicode.GetString(file), "UTF-16");
        if (file.Length >= 4 && file[0] == 0 && file[1] != 0 && file[2] == 0)
            return (Encoding.BigEndianUnicode.GetString(file), "UTF-16, big-endian");
        return System.Text.Unicode.Utf8.IsValid(file)
            ? (Encoding.UTF8.GetString(file), "UTF-8")
            : (CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(file), "Windows-1252");
    }

    /// <summary>The one by which the first records have the most columns, all of them the same number.</summary>
    private static (char Character, string Name) SeparatorOf(string text) => Separators.MaxBy(s =>
    {
        var counts = Records(text, s.Character, SampledRecords).Where(r => r.Cells.Any(c => c.Text.Length > 0)).Select(r => r.Cells.Count).ToList();
        return counts.Count == 0 || counts[0] < 2 ? 0 : (counts.Count(c => c == counts[0]) * 1000 / counts.Count) + counts[0];
    });

    internal static List<SourceRow> Records(string text, char separator, int most)
    {
        var rows = new List<SourceRow>();
        var cells = new List<SourceCell>();
        var value = new StringBuilder();
        var (at, line, lineStart, count) = (0, 1, 0, 0);
        while (at < text.Length && rows.Count < most)
        {
            // Lines with nothing on them are no rows, and a file may have nothing but them.
            if (text[at] is '\r' or '\n')
            {
                NewLine();
                continue;
            }

            var row = line;
            (int, string)? fault = null;
            cells.Clear();
            while (true)
            {
                var (startLine, startColumn) = (line, at - lineStart + 1);
                value.Clear();
                var isQuoted = at < text.Length && text[at] == '"';
                if (isQuoted)
                    Quoted(startLine, startColumn);
                while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
                {
                    if (text[at] == '"' || (isQuoted && !char.IsWhiteSpace(text[at])))
                        fault ??= (at - lineStart + 1, "A quote stands within a value that is not quoted, or text after its closing quote: quote the whole value and double the quotes in it.");
                    value.Append(text[at++]);
                }

                if (value.Length > TableLimits.LongestValue)
                    fault ??= (startColumn, $"The value has {value.Length} characters; at most {TableLimits.LongestValue} are read. Is a quote missing?");
                if (cells.Count <= TableLimits.MostColumns * 2)
                    cells.Add(new(fault is null ? value.ToString().Trim() : "", startLine, startColumn));
                else
                    fault ??= (startColumn, "The row has too many values.");
                if (at >= text.Length || text[at] != separator)
                    break;
                at++;
            }

            TableReader.Count(rows.Count, count += cells.Count);
            rows.Add(new(row, [.. cells]) { Fault = fault });
            NewLine();

            void Quoted(int openLine, int openColumn)
            {
                for (at++; at < text.Length; at++)
                {
                    if (text[at] == '"')
                    {
                        if (at + 1 >= text.Length || text[at + 1] != '"')
                        {
                            at++;
                            return;
                        }

                        at++;
                    }
                    else if (text[at] == '\n' || (text[at] == '\r' && (at + 1 >= text.Length || text[at + 1] != '\n')))
                    {
                        (line, lineStart) = (line + 1, at + 1);
                    }

                    value.Append(text[at]);
                }

                fault ??= (openColumn, $"The quote that opens on line {openLine} is never closed.");
            }
        }

        return rows;

        void NewLine()
        {
            if (at >= text.Length)
                return;
            at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            (line, lineStart) = (line + 1, at);
        }
    }
}
