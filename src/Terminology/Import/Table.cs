using System.Globalization;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Import;

/// <summary>A CSV release by its header row, which may stand below title lines; columns are found by name, whatever their order.</summary>
internal sealed class Table
{
    private const int MaxTitleRows = 40;
    private readonly Dictionary<string, int> columns;

    private Table(Dictionary<string, int> columns) => this.columns = columns;

    /// <summary>Every row below the header that has all of these columns. Names are compared without blanks, punctuation and case.</summary>
    public static IEnumerable<TableRow> Rows(ReleaseText text, RowSink sink, params string[] required)
    {
        Table? table = null;
        var titles = 0;
        foreach (var (line, cells) in CsvText.Read(text.Text))
        {
            if (table is not null)
            {
                yield return new(table, line, cells);
                continue;
            }

            var columns = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var at = 0; at < cells.Length; at++)
                columns.TryAdd(Plain(cells[at]), at);
            if (required.All(name => columns.ContainsKey(Plain(name))))
            {
                table = new(columns);
            }
            else if (++titles > MaxTitleRows)
            {
                break;
            }
        }

        if (table is null)
            sink.Bad(1, $"a header row with the columns {string.Join(", ", required)}", "none of the first rows has them");
    }

    /// <summary>Position of the first of these columns that is there, from 0; -1 for none.</summary>
    public int Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (columns.TryGetValue(Plain(name), out var at))
                return at;
        }

        return -1;
    }

    /// <summary>Position of the first column whose name begins so; -1 for none.</summary>
    public int FindBeginning(string name) => columns.Where(c => c.Key.Contains(Plain(name), StringComparison.Ordinal)).Select(c => c.Value).DefaultIfEmpty(-1).Min();

    private static string Plain(string name) => new string([.. name.Where(char.IsLetterOrDigit)]).ToUpperInvariant();
}

/// <summary>One row of a <see cref="Table"/>.</summary>
internal readonly record struct TableRow(Table Table, int Line, string[] Cells)
{
    public string Source => string.Join(',', Cells);

    /// <summary>The cell on one line and trimmed; empty when there is no such column.</summary>
    public string this[params ReadOnlySpan<string> names] => Cell(Table.Find(names));

    public string Cell(int at) => at < 0 || at >= Cells.Length ? "" : string.Join(' ', Cells[at].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>A date; false when the cell holds something else.</summary>
    public static bool TryDate(string text, out DateOnly? date)
    {
        date = null;
        if (text.Length == 0)
            return true;
        if (!DateOnly.TryParseExact(text, ["yyyyMMdd", "yyyy-MM-dd", "M/d/yyyy", "MM/dd/yyyy", "yyyy/MM/dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        date = day;
        return true;
    }

    /// <summary>Columns worth keeping: those that say something.</summary>
    public static Dictionary<string, string> Kept(params ReadOnlySpan<(string Name, string Value)> properties)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in properties)
        {
            if (value.Length > 0)
                kept[name] = value;
        }

        return kept;
    }
}
