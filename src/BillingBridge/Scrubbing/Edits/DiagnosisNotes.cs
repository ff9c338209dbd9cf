namespace FhirEmr.BillingBridge.Scrubbing.Edits;

/// <summary>Notes of the ICD-10-CM tabular list: what excludes what, what comes first, what else is expected. Notes of a category hold for all codes below it.</summary>
public sealed class DiagnosisNotes
{
    private readonly ILookup<(string Note, string Prefix), ReferenceRow> rows;

    private DiagnosisNotes(ReferenceTable table)
    {
        Edition = table.Edition;
        rows = table.All.ToLookup(r => (r.Key, Plain(r["code_prefix"])));
    }

    public string Edition { get; }

    /// <summary>Null when the table is not loaded.</summary>
    public static DiagnosisNotes? Of(EditTables edits) => edits.Table(TableNames.DiagnosisNotes) is { } table ? new(table) : null;

    /// <summary>Prefixes of codes that may not be beside the code.</summary>
    public IEnumerable<string> Excluded(string plain, DateOnly day) => Find("EXCLUDES1", plain, day);

    /// <summary>Prefixes of which one must come before the code.</summary>
    public IEnumerable<string> CodeFirst(string plain, DateOnly day) => Find("CODE-FIRST", plain, day);

    /// <summary>Prefixes of which one is expected beside the code.</summary>
    public IEnumerable<string> UseAdditional(string plain, DateOnly day) => Find("USE-ADDITIONAL", plain, day);

    private IEnumerable<string> Find(string note, string plain, DateOnly day)
    {
        for (var length = 3; length <= plain.Length; length++)
        {
            foreach (var row in rows[(note, plain[..length])].Where(r => r.IsInForce(day)))
                yield return Plain(row["other_prefix"]);
        }
    }

    private static string Plain(string code) => code.Replace(".", "", StringComparison.Ordinal).ToUpperInvariant();
}
