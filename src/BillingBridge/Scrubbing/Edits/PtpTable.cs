using System.Globalization;

namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>NCCI column 1 / column 2 edits, from CMS's practitioner files (<c>ccipra-vNNNrN-fN.txt</c>).</summary>
public sealed class PtpTable
{
    private readonly Dictionary<(string, string), List<PtpEdit>> pairs = [];
    private readonly HashSet<string> column1 = [];

    private readonly Func<string, string, DateOnly, PtpEdit?>? elsewhere;

    private PtpTable(string edition, Func<string, string, DateOnly, PtpEdit?>? elsewhere = null)
    {
        Edition = edition;
        this.elsewhere = elsewhere;
    }

    /// <summary>The release that answered, quoted in findings.</summary>
    public string Edition { get; }

    public int Count { get; private set; }

    /// <summary>Reads the parts of one release, tab-delimited; heading lines are skipped until both first columns are codes.</summary>
    public static PtpTable Read(string edition, params IEnumerable<TextReader> parts)
    {
        var table = new PtpTable(edition);
        foreach (var part in parts)
        {
            while (part.ReadLine() is { } line)
                table.Add(line);
        }

        return table;
    }

    /// <summary>A table that is kept elsewhere, asked pair by pair.</summary>
    public static PtpTable Of(string edition, Func<string, string, DateOnly, PtpEdit?> find) => new(edition, find);

    /// <summary>The edit in force for an ordered pair; null when there is none, indicator 9 included.</summary>
    public PtpEdit? Find(string first, string second, DateOnly day) => elsewhere is not null ? elsewhere(first, second, day) :
        column1.Contains(first) && pairs.TryGetValue((first, second), out var edits)
            ? edits.Find(e => e.ModifierIndicator != '9' && e.IsInForce(day))
            : null;

    private void Add(string line)
    {
        var cells = line.Split('\t');
        if (cells.Length < 6 || !IsCode(cells[0]) || !IsCode(cells[1]) || Day(cells[3]) is not { } effective || cells[5].Length == 0)
            return;

        var edit = new PtpEdit(cells[0], cells[1], effective, Day(cells[4]), cells[5][0]);
        if (!pairs.TryGetValue((edit.Column1, edit.Column2), out var edits))
            pairs[(edit.Column1, edit.Column2)] = edits = [];
        edits.Add(edit);
        column1.Add(edit.Column1);
        Count++;
    }

    private static bool IsCode(string cell) => cell.Length == 5 && cell.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));

    private static DateOnly? Day(string cell) =>
        DateOnly.TryParseExact(cell.Trim(), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
