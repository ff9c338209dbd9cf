using FhirEmr.BillingBridge.Charges;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>A table the practice keeps or downloads for one question: a CSV whose first column is the key, with <c>from</c> and <c>to</c> where rows are dated.</summary>
/// <remarks>See <see cref="TableNames"/> for the tables rules look for and their columns.</remarks>
public sealed class ReferenceTable
{
    private readonly ILookup<string, ReferenceRow> rows;

    private ReferenceTable(string name, string edition, List<ReferenceRow> rows)
    {
        Name = name;
        Edition = edition;
        this.rows = rows.ToLookup(r => r.Key, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>One of <see cref="TableNames"/>.</summary>
    public string Name { get; }

    /// <summary>Quoted in findings: the name of the file.</summary>
    public string Edition { get; }

    /// <summary>Reads a table. The first row names the columns; a row without a key is a comment.</summary>
    public static ReferenceTable Read(string name, string edition, TextReader csv)
    {
        string[]? columns = null;
        var rows = new List<ReferenceRow>();
        foreach (var cells in Csv.Rows(csv))
        {
            if (columns is null)
                columns = [.. cells.Select(c => c.ToLowerInvariant())];
            else if (cells[0].Length > 0)
                rows.Add(new ReferenceRow(cells[0].ToUpperInvariant(), columns, cells));
        }

        return new ReferenceTable(name, edition, rows);
    }

    /// <summary>The rows of a key in force on a day.</summary>
    public IEnumerable<ReferenceRow> Find(string key, DateOnly day) => rows[key].Where(r => r.IsInForce(day));

    /// <summary>The rows of a key, whatever their dates.</summary>
    public IEnumerable<ReferenceRow> History(string key) => rows[key];

    /// <summary>Every row, whatever its dates.</summary>
    public IEnumerable<ReferenceRow> All => rows.SelectMany(r => r);

    /// <summary>Every row in force on a day.</summary>
    public IEnumerable<ReferenceRow> On(DateOnly day) => All.Where(r => r.IsInForce(day));
}

/// <summary>One row of a <see cref="ReferenceTable"/>.</summary>
public sealed class ReferenceRow(string key, string[] columns, IReadOnlyList<string> cells)
{
    public string Key { get; } = key;

    public DateOnly? From { get; } = DateOfService.From(Cell(columns, cells, "from"));

    public DateOnly? To { get; } = DateOfService.From(Cell(columns, cells, "to"));

    /// <summary>A cell by its column; empty when the table has no such column.</summary>
    public string this[string column] => Cell(columns, cells, column);

    public bool IsInForce(DateOnly day) => (From is not { } from || from <= day) && (To is not { } to || day <= to);

    private static string Cell(string[] columns, IReadOnlyList<string> cells, string column) =>
        Array.IndexOf(columns, column) is >= 0 and var at && at < cells.Count ? cells[at] : "";
}
