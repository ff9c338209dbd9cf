namespace FhirEmr.Terminology.Index;

/// <summary>What a <see cref="ConceptTable"/> holds and an edition file stores. Day numbers are <see cref="DateOnly.DayNumber"/>, -1 for none.</summary>
/// <param name="Flags">Bits: 1 billable, 2 inactive.</param>
internal sealed record ConceptColumns(
    TextColumn Codes, TextColumn Displays, TextColumn ShortTitles, byte[] Flags, int[] From, int[] To,
    int[] PropertySet, string[] PropertySets)
{
    public const byte Billable = 1;
    public const byte Inactive = 2;

    public Hierarchy Hierarchy { get; init; } = Hierarchy.Prefix;

    /// <summary>Rows above each row, where the release lists them; <see cref="ParentEnds"/> tells where each row's end.</summary>
    public int[] Parents { get; init; } = [];

    public int[] ParentEnds { get; init; } = [];

    /// <summary>Other names of each row, parted by line ends; null when there are none at all.</summary>
    public TextColumn? Synonyms { get; init; }

    public static ConceptColumns Pack(IEnumerable<ConceptRow> rows, Hierarchy hierarchy)
    {
        var sorted = rows.OrderBy(r => r.Code, StringComparer.Ordinal).ThenBy(r => r.ValidFrom).ToArray();
        var sets = new Dictionary<string, int>(StringComparer.Ordinal);
        var (parents, ends) = hierarchy == Hierarchy.Listed ? PackParents(sorted) : ([], []);
        return new(
            TextColumn.From([.. sorted.Select(r => r.Code)]),
            TextColumn.From([.. sorted.Select(r => r.Display)]),
            TextColumn.From([.. sorted.Select(r => r.ShortTitle == r.Display ? "" : r.ShortTitle)]),
            [.. sorted.Select(r => (byte)((r.IsBillable ? Billable : 0) | (r.IsInactive ? Inactive : 0)))],
            [.. sorted.Select(r => r.ValidFrom?.DayNumber ?? -1)],
            [.. sorted.Select(r => r.ValidTo?.DayNumber ?? -1)],
            [.. sorted.Select(r => SetNumber(r.Properties, sets))],
            [.. sets.OrderBy(s => s.Value).Select(s => s.Key)])
        {
            Hierarchy = hierarchy,
            Parents = parents,
            ParentEnds = ends,
            Synonyms = Array.Exists(sorted, r => r.Synonyms.Count > 0) ? TextColumn.From([.. sorted.Select(r => string.Join('\n', r.Synonyms))]) : null,
        };
    }

    /// <summary>Parents that are no codes of the table are left out: the importer has told of them.</summary>
    private static (int[] Parents, int[] Ends) PackParents(ConceptRow[] sorted)
    {
        var rowOf = new Dictionary<string, int>(sorted.Length, StringComparer.Ordinal);
        for (var row = 0; row < sorted.Length; row++)
            rowOf.TryAdd(sorted[row].Code, row);
        var parents = new List<int>(sorted.Length);
        var ends = new int[sorted.Length];
        for (var row = 0; row < sorted.Length; row++)
        {
            foreach (var code in sorted[row].Parents)
            {
                if (rowOf.TryGetValue(code, out var parent) && parent != row)
                    parents.Add(parent);
            }

            ends[row] = parents.Count;
        }

        return ([.. parents], ends);
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
