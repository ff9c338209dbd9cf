using System.Globalization;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>NCCI add-on code edits, from CMS's tab-delimited file (<c>AOC_VyyyyQn-MCR.txt</c>).</summary>
public sealed class AddOnTable
{
    private readonly Func<string, DateOnly, IReadOnlyList<AddOnEdit>> find;

    private AddOnTable(string edition, Func<string, DateOnly, IReadOnlyList<AddOnEdit>> find)
    {
        Edition = edition;
        this.find = find;
    }

    public string Edition { get; }

    public static AddOnTable Read(string edition, TextReader text)
    {
        var rows = new List<AddOnEdit>();
        while (text.ReadLine() is { } line)
        {
            var cells = line.Split('\t');
            if (cells.Length < 5 || cells[0].Length != 5 || cells[1].Length != 1 || cells[1][0] is < '1' or > '3')
                continue;
            rows.Add(new AddOnEdit(cells[0], cells[1][0] - '0', Day(cells[2]), Day(cells[3]), cells[4].Trim()));
        }

        var edits = rows.ToLookup(e => e.Code);
        return new AddOnTable(edition, (code, day) => [.. edits[code].Where(e => (e.Effective is not { } from || from <= day) && (e.Deletion is not { } to || day <= to))]);
    }

    /// <summary>The rows of an add-on code in force on a day; empty when it is not an add-on code.</summary>
    public IReadOnlyList<AddOnEdit> Find(string code, DateOnly day) => find(code, day);

    /// <summary>A table that is kept elsewhere, asked code by code.</summary>
    public static AddOnTable Of(string edition, Func<string, DateOnly, IReadOnlyList<AddOnEdit>> find) => new(edition, find);

    private static DateOnly? Day(string cell) =>
        DateOnly.TryParseExact(cell.Trim(), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}

/// <summary>One add-on code and one primary it may go with.</summary>
/// <param name="Type">1 only the listed primaries, 2 the contractor decides, 3 some are listed.</param>
/// <param name="Primary">Empty for type 2.</param>
public sealed record AddOnEdit(string Code, int Type, DateOnly? Effective, DateOnly? Deletion, string Primary);
