using System.Text;

namespace FhirEmr.Terminology.Index;

/// <summary>The codes of one edition: read-only, sorted by code, columns instead of objects, built once and shared by all threads.</summary>
internal sealed class ConceptTable
{
    private readonly Lazy<WordIndex> words;
    private readonly Lazy<(int[] Children, int[] Ends)> children;
    private readonly int[] parents;
    private volatile Marked? marked;

    internal ConceptTable(ConceptColumns columns)
    {
        Columns = columns;
        parents = columns.Hierarchy switch
        {
            Hierarchy.Prefix => FindParents(columns.Codes),
            Hierarchy.Listed => [.. Enumerable.Range(0, columns.Codes.Count).Select(row => ListedParents(row) is [var first, ..] ? first : -1)],
            _ => [],
        };
        children = new(TurnRound);
        words = new(() => WordIndex.Build(columns.Displays, columns.Synonyms));
    }

    internal ConceptColumns Columns { get; }

    public int Count => Columns.Codes.Count;

    /// <summary>Built at the first search: a server that only validates never pays for it.</summary>
    public WordIndex Words => words.Value;

    /// <summary>Packs rows; the caller has made sure that codes are unique.</summary>
    public static ConceptTable Build(IEnumerable<ConceptRow> rows, Hierarchy hierarchy = Hierarchy.Prefix) => new(ConceptColumns.Pack(rows, hierarchy));

    public string Code(int row) => Columns.Codes.Text(row);

    public string? Display(int row) => Columns.Displays[row].IsEmpty ? null : Columns.Displays.Text(row);

    public bool IsBillable(int row) => (Columns.Flags[row] & ConceptColumns.Billable) != 0;

    public bool IsInactive(int row) => (Columns.Flags[row] & ConceptColumns.Inactive) != 0;

    public bool HasSynonyms => Columns.Synonyms is not null;

    public string[] Synonyms(int row) => Columns.Synonyms is { } names && !names[row].IsEmpty ? names.Text(row).Split('\n') : [];

    public DateOnly? ValidFrom(int row) => Day(Columns.From[row]);

    public DateOnly? ValidTo(int row) => Day(Columns.To[row]);

    public bool IsValidOn(int row, DateOnly day)
    {
        var (from, to, number) = (Columns.From[row], Columns.To[row], day.DayNumber);
        return (from < 0 || from <= number) && (to < 0 || number <= to);
    }

    /// <summary>The row above, the first of several; -1 for a root.</summary>
    public int Parent(int row) => parents.Length == 0 ? -1 : parents[row];

    /// <summary>All rows directly above.</summary>
    public IReadOnlyList<int> Parents(int row) => Columns.Hierarchy == Hierarchy.Listed ? ListedParents(row).ToArray()
        : Parent(row) is >= 0 and var parent ? [parent] : [];

    /// <summary>Row of a code in matching form that is valid on a date; -1 when there is none.</summary>
    /// <remarks>A code may stand several times with ranges that do not overlap: billable until it was split, a header after.</remarks>
    public int Find(string code, DateOnly asOf)
    {
        Span<byte> key = stackalloc byte[64];
        if (!Encoding.UTF8.TryGetBytes(code, key, out var length))
            return -1;

        for (var row = LowerBound(key[..length]); row < Count && Columns.Codes[row].SequenceEqual(key[..length]); row++)
        {
            if (IsValidOn(row, asOf))
                return row;
        }

        return -1;
    }

    /// <summary>All rows of a code in matching form, whatever their dates.</summary>
    public IEnumerable<int> FindAll(string code)
    {
        var (start, end) = WithPrefix(code);
        for (var row = start; row < end && Columns.Codes[row].Length == Columns.Codes[start].Length && Code(row) == code; row++)
            yield return row;
    }

    /// <summary>True at the rows of these codes. The last answer is kept: searches ask with the same list every time.</summary>
    public bool[] Mark(IReadOnlyCollection<string> codes)
    {
        if (marked is { } last && ReferenceEquals(last.Codes, codes))
            return last.Rows;

        var rows = new bool[Count];
        foreach (var row in codes.SelectMany(FindAll))
            rows[row] = true;
        marked = new(codes, rows);
        return rows;
    }

    /// <summary>The rows whose code starts with a prefix in matching form: they are neighbours.</summary>
    public (int Start, int End) WithPrefix(string prefix)
    {
        var key = Encoding.UTF8.GetBytes(prefix);
        var start = LowerBound(key);
        var end = start;
        while (end < Count && Columns.Codes[end].StartsWith(key))
            end++;

        return (start, end);
    }

    /// <summary>Rows one step below, in code order.</summary>
    public IEnumerable<int> Children(int row) => Columns.Hierarchy switch
    {
        Hierarchy.Prefix => NeighboursBelow(row),
        Hierarchy.Listed => ListedBelow(row),
        _ => [],
    };

    /// <summary>The columns kept beside the title, with <c>shortTitle</c> among them when it differs.</summary>
    public Dictionary<string, string> Properties(int row)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Columns.PropertySets[Columns.PropertySet[row]].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var mark = line.IndexOf('=', StringComparison.Ordinal);
            properties[line[..mark]] = line[(mark + 1)..];
        }

        if (!Columns.ShortTitles[row].IsEmpty)
            properties["shortTitle"] = Columns.ShortTitles.Text(row);
        return properties;
    }

    private static DateOnly? Day(int number) => number < 0 ? null : DateOnly.FromDayNumber(number);

    private int LowerBound(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Columns.Codes[middle].SequenceCompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private ReadOnlySpan<int> ListedParents(int row)
    {
        var start = row == 0 ? 0 : Columns.ParentEnds[row - 1];
        return Columns.Parents.AsSpan(start, Columns.ParentEnds[row] - start);
    }

    private IEnumerable<int> NeighboursBelow(int row)
    {
        for (var child = row + 1; child < Count && Columns.Codes[child].StartsWith(Columns.Codes[row]); child++)
        {
            if (parents[child] >= 0 && Columns.Codes[parents[child]].SequenceEqual(Columns.Codes[row]))
                yield return child;
        }
    }

    private IEnumerable<int> ListedBelow(int row)
    {
        var (all, ends) = children.Value;
        for (var at = row == 0 ? 0 : ends[row - 1]; at < ends[row]; at++)
            yield return all[at];
    }

    /// <summary>Listed parents the other way round, counted first and filled from the back so that children stay in row order.</summary>
    private (int[] Children, int[] Ends) TurnRound()
    {
        var ends = new int[Count];
        foreach (var parent in Columns.Parents)
            ends[parent]++;
        for (var row = 1; row < ends.Length; row++)
            ends[row] += ends[row - 1];
        var below = new int[Columns.Parents.Length];
        var free = ends.ToArray();
        for (var row = Count - 1; row >= 0; row--)
        {
            foreach (var parent in ListedParents(row))
                below[--free[parent]] = row;
        }

        return (below, ends);
    }

    private static int[] FindParents(TextColumn codes)
    {
        // Sorted order puts every ancestor before its descendants, so the open ancestors are a stack.
        var parents = new int[codes.Count];
        var open = new Stack<int>();
        for (var row = 0; row < parents.Length; row++)
        {
            while (open.TryPeek(out var candidate) && !(codes[row].Length > codes[candidate].Length && codes[row].StartsWith(codes[candidate])))
                open.Pop();
            parents[row] = open.TryPeek(out var parent) ? parent : -1;
            open.Push(row);
        }

        return parents;
    }

    private sealed record Marked(IReadOnlyCollection<string> Codes, bool[] Rows);
}
