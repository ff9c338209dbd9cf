namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Reads this room's own small tables: comma-separated, one heading line, no quotes.</summary>
internal static class OwnTable
{
    public static IEnumerable<string[]> Read(string file)
    {
        using var stream = typeof(OwnTable).Assembly.GetManifestResourceStream($"{typeof(OwnTable).Namespace}.Data.{file}")
            ?? throw new InvalidOperationException($"The built-in table {file} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        var rows = new List<string[]>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                rows.Add(line.Split(','));
        return rows;
    }
}
