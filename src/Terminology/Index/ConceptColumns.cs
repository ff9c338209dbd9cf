namespace FhirEmr.Terminology.Index;

/// <summary>What a <see cref="ConceptTable"/> holds and an edition file stores. Day numbers are <see cref="DateOnly.DayNumber"/>, -1 for none.</summary>
internal sealed record ConceptColumns(
    TextColumn Codes, TextColumn Displays, TextColumn ShortTitles, byte[] Flags, int[] From, int[] To,
    int[] PropertySet, string[] PropertySets)
{
    public static ConceptColumns Pack(IEnumerable<ConceptRow> rows)
    {
        var sorted = rows.OrderBy(r => r.Code, StringComparer.Ordinal).ThenBy(r => r.ValidFrom).ToArray();
        var sets = new Dictionary<string, int>(StringComparer.Ordinal);
        return new(
            TextColumn.From([.. sorted.Select(r => r.Code)]),
            TextColumn.From([.. sorted.Select(r => r.Display)]),
            TextColumn.From([.. sorted.Select(r => r.ShortTitle == r.Display ? "" : r.ShortTitle)]),
            [.. sorted.Select(r => (byte)(r.IsBillable ? 1 : 0))],
            [.. sorted.Select(r => r.ValidFrom?.DayNumber ?? -1)],
            [.. sorted.Select(r => r.ValidTo?.DayNumber ?? -1)],
            [.. sorted.Select(r => SetNumber(r.Properties, sets))],
            [.. sets.OrderBy(s => s.Value).Select(s => s.Key)]);
    }

    // Thousands of HCPCS codes share the same handful of coverage and type-of-service values.
    private static int SetNumber(IReadOnlyDictionary<string, string>? properties, Dictionary<string, int> sets)
    {
        var text = string.Join('\n', (properties ?? new Dictionary<string, string>())
            .OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
        if (!sets.TryGetValue(text, out var number))
            sets[text] = number = sets.Count;
        return number;
    }
}
