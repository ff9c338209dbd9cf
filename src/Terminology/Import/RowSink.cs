using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>Collects what a loader reads: good rows, bad rows with their place, warnings.</summary>
/// <param name="allowsRepeats">A code may come again, as with other dates.</param>
internal sealed class RowSink(bool allowsRepeats = false)
{
    /// <summary>Bad rows beyond this are counted, not listed.</summary>
    public const int MaxListed = 100;

    private readonly HashSet<string> codes = new(StringComparer.Ordinal);
    private readonly List<ConceptRow> rows = [];
    private readonly List<BadRow> bad = [];
    private readonly List<string> warnings = [];

    public IReadOnlyList<ConceptRow> Rows => rows;

    public IReadOnlyList<BadRow> BadRows => bad;

    public IReadOnlyList<string> Warnings => warnings;

    public int BadCount { get; private set; }

    /// <summary>More than one row in a hundred is bad: this is not the file it claims to be, or it is damaged.</summary>
    public bool IsTooBad => BadCount * 100L > rows.Count + BadCount;

    public void Add(int line, ConceptRow row, string source)
    {
        if (allowsRepeats || codes.Add(row.Code))
            rows.Add(row);
        else
            Bad(line, $"a code once; {row.Code} came before", source);
    }

    /// <param name="column">Where on the line, from 1; null when all of it is meant.</param>
    public void Bad(int line, string expected, string found, int? column = null)
    {
        BadCount++;
        if (bad.Count < MaxListed)
            bad.Add(new(line, expected, found.Length <= 60 ? found : found[..60]) { Column = column });
    }

    public void Warn(string text)
    {
        if (warnings.Count < MaxListed)
            warnings.Add(text);
    }
}
