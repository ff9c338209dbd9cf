using System.Text;

namespace FhirEmr.Terminology.CodeSystems;

/// <summary>RFC 4180: quoted cells may hold commas, doubled quotes and line ends.</summary>
internal static class CsvText
{
    /// <summary>Records with the 1-based line each begins on; blank lines are left out.</summary>
    public static IEnumerable<(int Line, string[] Cells)> Read(string text)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (line, begins, quoted) = (1, 1, false);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : '\n';
            if (quoted && i < text.Length)
            {
                if (c == '\n')
                    line++;
                if (c != '"')
                    cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    cell.Append(text[i++]);
                else
                    quoted = false;
                continue;
            }

            switch (c)
            {
                case '"' when cell.Length == 0:
                    quoted = true;
                    break;
                case ',':
                    Close();
                    break;
                case '\r':
                    break;
                case '\n':
                    Close();
                    if (cells.Count > 1 || cells[0].Length > 0)
                        yield return (begins, [.. cells]);
                    cells.Clear();
                    begins = ++line;
                    break;
                default:
                    cell.Append(c);
                    break;
            }
        }

        void Close()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }
    }
}
