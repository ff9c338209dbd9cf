using System.Globalization;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>Medically unlikely edits, from CMS's practitioner CSV. The effective date is only in the file's name.</summary>
public sealed class MueTable
{
    private readonly Func<string, MueEdit?> find;

    private MueTable(string edition, DateOnly effective, Func<string, MueEdit?> find)
    {
        Edition = edition;
        Effective = effective;
        this.find = find;
    }

    public string Edition { get; }

    /// <summary>First day of the quarter the values are for.</summary>
    public DateOnly Effective { get; }

    /// <summary>Reads one file. The notice and the two-line heading cells are quoted, so this needs a CSV reader, not a line splitter.</summary>
    public static MueTable Read(string edition, DateOnly effective, TextReader csv)
    {
        var edits = new Dictionary<string, MueEdit>(StringComparer.Ordinal);
        foreach (var cells in Csv.Rows(csv))
        {
            if (cells.Count >= 3 && cells[0].Length == 5 && cells[2].Length > 0 && cells[2][0] is >= '1' and <= '3'
                && int.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out var units))
                edits[cells[0]] = new MueEdit(cells[0], units, cells[2][0] - '0');
        }

        return new MueTable(edition, effective, edits.GetValueOrDefault);
    }

    /// <summary>A table that is kept elsewhere, asked code by code.</summary>
    public static MueTable Of(string edition, DateOnly effective, Func<string, MueEdit?> find) => new(edition, effective, find);

    public MueEdit? Find(string code) => find(code);
}

/// <summary>Units above which a code is unlikely on one day.</summary>
/// <param name="AdjudicationIndicator">MAI: 1 per line, 2 per day absolute, 3 per day unless documented.</param>
public sealed record MueEdit(string Code, int Units, int AdjudicationIndicator);
