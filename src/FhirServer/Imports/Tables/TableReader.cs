namespace FhirEmr.FhirServer.Imports.Tables;

/// <summary>A file's bytes → a table, by what they are and not by what they are called.</summary>
internal static class TableReader
{
    /// <exception cref="SourceTableException">It is no table, or too large a one.</exception>
    public static SourceTable Read(byte[] file)
    {
        if (file.Length == 0)
            throw new SourceTableException("The file is empty: its first row has to name the columns.");
        if (file.Length > TableLimits.MostBytes)
            throw new SourceTableException($"The file has {file.Length / (1024 * 1024)} MiB; at most {TableLimits.MostBytes / (1024 * 1024)} are read at once. Divide it.");
        if (file.AsSpan().StartsWith("PK\x03\x04"u8))
            return WorkbookReader.Read(file);
        if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new SourceTableException("This is a workbook of the old binary form (.xls): save it as .xlsx or CSV.");
        return CsvReader.Read(file);
    }

    /// <summary>Called while rows are read, so that a file which is too large is known to be before it is in memory.</summary>
    /// <exception cref="SourceTableException">It is too large.</exception>
    internal static void Count(int rows, int cells)
    {
        if (rows > TableLimits.MostRows)
            throw new SourceTableException($"The file has more than {TableLimits.MostRows} rows, which are the most that are read at once. Divide it.");
        if (cells > TableLimits.MostCells)
            throw new SourceTableException($"The file has more than {TableLimits.MostCells} values, which are the most that are read at once. Divide it, or take away columns.");
    }

    /// <summary>The first row that says anything names the columns.</summary>
    internal static SourceTable Of(string form, List<SourceRow> all)
    {
        var head = all.FindIndex(r => r.Fault is not null || r.Cells.Any(c => c.Text.Length > 0));
        if (head < 0)
            throw new SourceTableException("The file has no row with anything in it: its first row has to name the columns.");
        if (all[head].Fault is { } fault)
            throw new SourceTableException($"Line {all[head].Line}, column {fault.Column}: {fault.Text} That row has to name the columns.");
        var headers = all[head].Cells.Select(c => c.Text.Trim()).ToList();
        while (headers.Count > 0 && headers[^1].Length == 0)
            headers.RemoveAt(headers.Count - 1);
        if (headers.Count > TableLimits.MostColumns)
            throw new SourceTableException($"Line {all[head].Line} names {headers.Count} columns; at most {TableLimits.MostColumns} are read.");

        var rows = new List<SourceRow>(all.Count);
        foreach (var row in all.Skip(head + 1))
        {
            if (row.Fault is null && row.Cells.All(c => c.Text.Length == 0))
                continue;
            var extra = row.Fault is null ? row.Cells.Skip(headers.Count).FirstOrDefault(c => c.Text.Length > 0) : default;
            rows.Add(extra.Text is { Length: > 0 } ? row with { Fault = (extra.Column, $"The row has more values than the {headers.Count} columns that are named.") } : row);
        }

        return new(form, headers, rows);
    }
}
