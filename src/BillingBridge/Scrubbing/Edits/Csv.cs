using System.Text;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>RFC 4180 rows: quoted cells may hold commas, doubled quotes and line ends.</summary>
internal static class Csv
{
    public static IEnumerable<IReadOnlyList<string>> Rows(TextReader reader)
    {
        var row = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        int next;
        while ((next = reader.Read()) >= 0)
        {
            var c = (char)next;
            if (quoted)
            {
                if (c != '"')
                    cell.Append(c);
                else if (reader.Peek() == '"')
                    cell.Append((char)reader.Read());
                else
                    quoted = false;
                continue;
            }

            switch (c)
            {
                case '"':
                    quoted = true;
                    break;
                case ',':
                    row.Add(Take(cell));
                    break;
                case '\n':
                    row.Add(Take(cell));
                    yield return row;
                    row = [];
                    break;
                case '\r':
                    break;
                default:
                    cell.Append(c);
                    break;
            }
        }

        if (cell.Length > 0 || row.Count > 0)
        {
            row.Add(Take(cell));
            yield return row;
        }
    }

    private static string Take(StringBuilder cell)
    {
        var text = cell.ToString().Trim();
        cell.Clear();
        return text;
    }
}
