using System.Runtime.InteropServices;

namespace FhirEmr.BillingBridge.Kpis.Cube;

/// <summary>What one definition has counted so far, by group and part.</summary>
internal sealed class Tally(KpiScope scope)
{
    private readonly Dictionary<string, int> parts = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly Dictionary<(int Group, int Part), Dictionary<int, int>> samples = [];
    private readonly HashSet<(int Set, int Group, int First, int Second)> marks = [];
    private readonly HashSet<int> numerator = [];
    private readonly HashSet<int> denominator = [];
    private readonly bool isMonthly = scope.Query.GroupBy == KpiGrouping.Month;
    private readonly bool isDrilled = scope.Query.Drill != KpiDrill.None;
    private Sum[]?[] sums = new Sum[]?[1];

    public KpiScope Scope => scope;

    /// <summary>The group of the record that is counted now, unless groups are months.</summary>
    public int Group { get; set; }

    /// <summary>The number of a part; the figure itself is part 0.</summary>
    public int Part(string name)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(parts, name, out var isKnown);
        if (!isKnown)
            number = parts.Count - 1;
        return number;
    }

    public IEnumerable<string> PartNames => parts.Keys.Where(n => n.Length > 0);

    /// <param name="at">The record.</param>
    /// <param name="day">The day the definition goes by; decides the month.</param>
    public void Add(int at, int day, long over, long under, int part = 0)
    {
        ref var sum = ref At(GroupOf(day), part);
        sum.Numerator += over;
        sum.Denominator += under;
        if (isDrilled && part == parts.GetValueOrDefault(scope.Query.DrillPart ?? "", -1))
        {
            if (over != 0)
                numerator.Add(at);
            if (under != 0)
                denominator.Add(at);
        }
    }

    public void Add(int at, int day, long over, long under, string part) => Add(at, day, over, under, Part(part));

    /// <summary>Adds to a mean, and keeps the value for the median.</summary>
    public void Sample(int at, int day, int value, int part = 0)
    {
        Add(at, day, value, 1, part);
        var counts = CollectionsMarshal.GetValueRefOrAddDefault(samples, (GroupOf(day), part), out _) ??= [];
        CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
    }

    /// <summary>Remembers a pair once, in one of the definition's own sets.</summary>
    public void Mark(int set, int day, int first, int second) => marks.Add((set, GroupOf(day), first, second));

    public IEnumerable<(int First, int Second)> Marks(int set, int group) => marks.Where(m => m.Set == set && m.Group == group).Select(m => (m.First, m.Second));

    public IEnumerable<int> Groups => Enumerable.Range(0, sums.Length).Where(g => sums[g] is not null).Union(marks.Select(m => m.Group));

    public Sum Of(int group, int part = 0) => group < sums.Length && sums[group] is { } row && part < row.Length ? row[part] : default;

    public Sum Of(int group, string part) => parts.TryGetValue(part, out var number) ? Of(group, number) : default;

    /// <summary>The middle value; the mean of the two middle ones. Null without values.</summary>
    public decimal? Median(int group, int part = 0)
    {
        if (!samples.TryGetValue((group, part), out var counts))
            return null;
        var ordered = counts.OrderBy(c => c.Key).ToArray();
        var total = counts.Values.Sum();
        return (Nth((total - 1) / 2) + Nth(total / 2)) / 2m;

        int Nth(int n)
        {
            foreach (var (value, count) in ordered)
                if ((n -= count) < 0)
                    return value;
            throw new System.Diagnostics.UnreachableException("There are as many values as were counted.");
        }
    }

    public IEnumerable<int> Ids => scope.Query.Drill switch
    {
        KpiDrill.Numerator => numerator.Order(),
        KpiDrill.Denominator => denominator.Order(),
        KpiDrill.Rest => denominator.Except(numerator).Order(),
        _ => [],
    };

    /// <summary>Takes in what another worker counted of other records.</summary>
    public void Merge(Tally other)
    {
        foreach (var (name, part) in other.parts)
            for (var group = 0; group < other.sums.Length; group++)
                if (other.Of(group, part) is { } theirs && (theirs.Numerator != 0 || theirs.Denominator != 0))
                {
                    ref var mine = ref At(group, Part(name));
                    mine.Numerator += theirs.Numerator;
                    mine.Denominator += theirs.Denominator;
                }

        foreach (var (name, part) in other.parts)
            foreach (var ((group, _), counts) in other.samples.Where(s => s.Key.Part == part))
            {
                var mine = CollectionsMarshal.GetValueRefOrAddDefault(samples, (group, Part(name)), out _) ??= [];
                foreach (var (value, count) in counts)
                    CollectionsMarshal.GetValueRefOrAddDefault(mine, value, out _) += count;
            }

        marks.UnionWith(other.marks);
        numerator.UnionWith(other.numerator);
        denominator.UnionWith(other.denominator);
    }

    private int GroupOf(int day)
    {
        if (!isMonthly)
            return Group;
        var date = DateOnly.FromDayNumber(day);
        return (date.Year * 12) + date.Month - 1;
    }

    private ref Sum At(int group, int part)
    {
        if (group >= sums.Length)
            Array.Resize(ref sums, Math.Max(sums.Length * 2, group + 1));
        ref var row = ref sums[group];
        if (row is null || part >= row.Length)
            Array.Resize(ref row, Math.Max(part + 1, row is null ? 1 : row.Length * 2));
        return ref row[part];
    }
}
