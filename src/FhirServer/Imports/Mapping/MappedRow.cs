using FhirEmr.FhirServer.Imports.Tables;

namespace FhirEmr.FhirServer.Imports.Mapping;

/// <summary>A row by what its columns say.</summary>
internal sealed class MappedRow
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SourceCell Cell, string Header)> places = new(StringComparer.Ordinal);
    private readonly List<RowFault> faults = [];

    private MappedRow(int line) => Line = line;

    public int Line { get; }

    public IReadOnlyList<RowFault> Faults => faults;

    /// <summary>All it says: equal for rows that say the same.</summary>
    public string Content => string.Join('\u001f', values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}\u001e{v.Value}"));

    /// <summary>Null when the column is empty, is not there, or cannot be read.</summary>
    public string? this[string field] => values.GetValueOrDefault(field);

    public static MappedRow Of(SourceRow row, TableMap map, IReadOnlyDictionary<string, ImportField> fields, ValueReader reader)
    {
        var mapped = new MappedRow(row.Line);
        if (row.Fault is { } broken)
        {
            mapped.faults.Add(new(row.Line, broken.Column, null, broken.Text));
            return mapped;
        }

        foreach (var (index, (header, name)) in map.Columns.Index())
        {
            if (name is null)
                continue;
            var cell = row.Cell(index);
            mapped.places[name] = (cell, header);
            if (cell.Text.Length == 0)
                continue;
            var (value, expected) = reader.Read(fields[name].Form, cell.Text);
            if (value is null)
                mapped.Fault(name, $"Expected {expected}.");
            else
                mapped.values[name] = value;
        }

        return mapped;
    }

    /// <summary>Something is wrong with a value. What it is stands nowhere: reports are read by more people than records.</summary>
    public void Fault(string field, string text)
    {
        var (cell, header) = places.GetValueOrDefault(field);
        faults.Add(new(cell.Line == 0 ? Line : cell.Line, cell.Column, header ?? field, text));
    }

    /// <summary>The value, which has to be there: for what is missing a fault, unless the value had one already.</summary>
    public string? Needed(string field)
    {
        if (this[field] is { } value)
            return value;
        if (!places.TryGetValue(field, out var at) || at.Cell.Text.Length == 0)
            Fault(field, $"The {field} is needed.");
        return null;
    }
}

/// <summary>What is wrong with a row, where, and what was expected.</summary>
/// <param name="Column">Of a text file the character, of a workbook the column; 0 where the row is too short to have it.</param>
/// <param name="Header">Of the column; null for the row as a whole.</param>
internal sealed record RowFault(int Line, int Column, string? Header, string Text)
{
    public override string ToString() => $"line {Line}{(Column > 0 ? $", column {Column}" : "")}{(Header is null ? "" : $" ({Header})")}: {Text}";
}
