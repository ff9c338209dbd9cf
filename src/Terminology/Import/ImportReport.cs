using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Import;

/// <summary>What an import did. A refused or repeated import leaves everything as it was.</summary>
/// <param name="Edition">The edition now in place; null when refused.</param>
/// <param name="RowCount">Good rows read.</param>
/// <param name="BadRowCount">Rows that were not understood; above 1 % of all rows the release is refused.</param>
/// <param name="BadRows">The first of them, at most 100.</param>
/// <param name="Warnings">Things that do not stop a release, e.g. a header without codes below it.</param>
/// <param name="Message">One sentence for the operator.</param>
public sealed record ImportReport(
    ImportOutcome Outcome, Edition? Edition, int RowCount, int BadRowCount, IReadOnlyList<BadRow> BadRows,
    IReadOnlyList<string> Warnings, string Message)
{
    internal static ImportReport Refused(string message) => new(ImportOutcome.Refused, null, 0, 0, [], [], message);
}

/// <summary>How an import ended.</summary>
public enum ImportOutcome
{
    /// <summary>The edition answers from now on.</summary>
    Loaded,

    /// <summary>The very same file is already loaded; nothing changed.</summary>
    AlreadyLoaded,

    /// <summary>Nothing changed; the message says why.</summary>
    Refused,
}

/// <summary>A row that was not understood.</summary>
/// <param name="Line">1-based line of the file.</param>
/// <param name="Expected">What should have stood there.</param>
/// <param name="Found">The beginning of what did.</param>
public sealed record BadRow(int Line, string Expected, string Found)
{
    /// <summary>Column of the line, or of the table, from 1; null when the whole line is meant.</summary>
    public int? Column { get; init; }
}
