namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Two names of two people: family and given name, or both the other way round.</summary>
internal sealed record NameVerdict(IReadOnlyList<FieldVerdict> Parts, bool IsGivenDifferent)
{
    private const double Near = 0.93, Alike = 0.87;

    public double Total => Parts.Sum(p => p.Weight);

    /// <summary>Null when they have no part in common to compare.</summary>
    public static NameVerdict? Of(PersonName a, PersonName b)
    {
        if (a.Family.Count > 0 && b.Family.Count > 0 && a.Given.Count > 0 && b.Given.Count > 0
            && a.WholeFamily != b.WholeFamily && a.WholeFamily == b.Given[0] && a.Given[0] == b.WholeFamily)
            return new([new("family", 8, $"Given and family name of '{a.Text}' are exchanged in '{b.Text}'")], false);

        var parts = new List<FieldVerdict>();
        if (a.Family.Count > 0 && b.Family.Count > 0)
            parts.Add(Family(a, b));
        var given = a.Given.Count > 0 && b.Given.Count > 0 ? Given(a, b) : null;
        if (given is not null)
            parts.Add(given);
        return parts.Count == 0 ? null : new(parts, given is { Weight: < 0 });
    }

    private static FieldVerdict Family(PersonName a, PersonName b)
    {
        var (one, other) = (string.Join('-', a.Family), string.Join('-', b.Family));
        if (a.WholeFamily == b.WholeFamily)
            return new("family", 6, $"Family name '{one}' agrees");
        if ((a.Family.Count > 1 || b.Family.Count > 1) && a.Family.Intersect(b.Family).Any(p => p.Length > 2))
            return new("family", 4, $"Family names '{one}' and '{other}' share a part");
        return Similarity.Of(a.WholeFamily, b.WholeFamily) switch
        {
            >= Near => new("family", 4, $"Family names '{one}' and '{other}' are nearly the same"),
            >= Alike => new("family", 2.5, $"Family names '{one}' and '{other}' are alike"),
            _ => new("family", -4, $"Family names differ: '{one}' and '{other}'"),
        };
    }

    private static FieldVerdict Given(PersonName a, PersonName b)
    {
        var (one, other) = (a.Given[0], b.Given[0]);
        if (one == other)
            return new("given", 4.5, $"Given name '{one}' agrees");
        if (one[0] == other[0] && (one.Length == 1 || other.Length == 1))
            return new("given", 1.5, $"Given names '{one}' and '{other}' agree in the initial");
        if ((one.Length > 1 && b.Given.Skip(1).Contains(one)) || (other.Length > 1 && a.Given.Skip(1).Contains(other)))
            return new("given", 3, $"Given name '{one}' and '{other}': the first of one is a middle name of the other");
        if (Math.Min(one.Length, other.Length) >= 3 && (one.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(one, StringComparison.Ordinal)))
            return new("given", 2.5, $"Given name '{(one.Length < other.Length ? one : other)}' is the beginning of '{(one.Length < other.Length ? other : one)}'");
        return Similarity.Of(one, other) switch
        {
            >= Near => new("given", 3, $"Given names '{one}' and '{other}' are nearly the same"),
            >= Alike => new("given", 1.5, $"Given names '{one}' and '{other}' are alike"),
            _ => new("given", -3.5, $"Given names differ: '{one}' and '{other}'"),
        };
    }
}
