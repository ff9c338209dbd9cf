namespace FhirEmr.FhirServer.Imports.Tables;

/// <summary>A file as rows of texts, each knowing where it stands.</summary>
/// <param name="Form">What it was read as, for people: <c>CSV, UTF-8, separated by commas</c>.</param>
internal sealed record SourceTable(string Form, IReadOnlyList<string> Headers, IReadOnlyList<SourceRow> Rows);

/// <param name="Line">Of a text file the line the row begins on, of a workbook the number of the row; from 1.</param>
internal sealed record SourceRow(int Line, IReadOnlyList<SourceCell> Cells)
{
    /// <summary>Why the row cannot be read, and the column of the character or cell at fault; null when it can.</summary>
    public (int Column, string Text)? Fault { get; init; }

    /// <summary>The value under a header; nothing where the row is shorter.</summary>
    public SourceCell Cell(int index) => index < Cells.Count ? Cells[index] : new("", Line, 0);
}

/// <param name="Line">Where it begins: below the row's own line when a value before it spans lines.</param>
/// <param name="Column">Of a text file the character it begins with, of a workbook the column; from 1, 0 when the row is too short to have it.</param>
internal readonly record struct SourceCell(string Text, int Line, int Column);

/// <summary>A file that is no table, or too much of one; the message says where and what was expected.</summary>
internal sealed class SourceTableException(string message) : Exception(message);
