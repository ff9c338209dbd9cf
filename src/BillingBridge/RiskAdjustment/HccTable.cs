namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>One CSV table: columns by name, quoted cells with commas and doubled quotes (RFC 4180). No cell holds a line end.</summary>
internal static class HccTable
{
    /// <summary>The cells of the wanted columns, row by row.</summary>
    /// <exception cref="HccTablesException">The file is absent, a column is missing, or a row is too short.</exception>
    public static IEnumerable<string[]> Read(string path, params string[] columns)
    {
        if (!File.Exists(path))
            throw new HccTablesException($"{Path.GetFileName(path)} is not in {Path.GetDirectoryName(path)}.");

        var rows = new List<string[]>();
        int[]? at = null;
        var line = 0;
        foreach (var text in File.ReadLines(path))
        {
            line++;
            if (text.Length == 0)
                continue;
            var cells = Cells(text);
            if (at is null)
            {
                at = [.. columns.Select(c => cells.FindIndex(n => n.TrimStart('\uFEFF').Equals(c, StringComparison.OrdinalIgnoreCase)))];
                if (Array.IndexOf(at, -1) is >= 0 and var missing)
                    throw new HccTablesException($"{Path.GetFileName(path)} has no column {columns[missing]}; it has {string.Join(", ", cells)}.");
                continue;
            }

            if (cells.Count <= at.Max())
                throw new HccTablesException($"{Path.GetFileName(path)} line {line}: {cells.Count} cells, {at.Max() + 1} are needed.");
            rows.Add([.. at.Select(i => cells[i])]);
        }

        return at is null ? throw new HccTablesException($"{Path.GetFileName(path)} is empty.") : rows;
    }

    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[i++]);
            else if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else
                cell.Append(c);
        }

        cells.Add(cell.ToString().Trim());
        return cells;
    }
}
