namespace FhirEmr.BillingBridge.Denials;

/// <summary>The tables of this room, which are part of the program: comma-separated, a cell with a comma in double quotes.</summary>
internal static class EmbeddedRows
{
    /// <summary>The rows after the column names.</summary>
    public static IEnumerable<string[]> Read(string name)
    {
        var resource = $"FhirEmr.BillingBridge.Denials.Data.{name}";
        using var stream = typeof(EmbeddedRows).Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{resource} is not in this build.");
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
            yield return [.. Cells(line)];
    }

    private static IEnumerable<string> Cells(string line)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
                quoted = !quoted;
            if (i < line.Length && (quoted || line[i] != ','))
                continue;
            yield return line[start..i].Trim('"');
            start = i + 1;
        }
    }
}
