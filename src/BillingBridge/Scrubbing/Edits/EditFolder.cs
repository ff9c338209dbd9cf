namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>A folder of the practice's own tables, <c>name.csv</c> each.</summary>
public static class EditFolder
{
    /// <summary>Reads what is there; a name that no rule looks for is reported rather than ignored, because a misspelt table never finds anything.</summary>
    public static (IReadOnlyDictionary<string, ReferenceTable> Tables, IReadOnlyList<string> Unknown) Read(string folder)
    {
        var tables = new Dictionary<string, ReferenceTable>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var path in Directory.GetFiles(folder, "*.csv").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (!TableNames.All.Contains(name))
            {
                unknown.Add(Path.GetFileName(path));
                continue;
            }

            using var csv = new StreamReader(path);
            tables[name] = ReferenceTable.Read(name, $"{name} of {File.GetLastWriteTimeUtc(path):yyyy-MM-dd}", csv);
        }

        return (tables, unknown);
    }
}
