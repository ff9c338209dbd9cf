using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.Observations;

/// <summary>Observations grouped by what was observed, of whom.</summary>
/// <remarks>
/// observation-operation-lastn: codings are the same when system and code are; codings side by side in one Observation are translations, so
/// groups that share one are one group, however long the chain; text counts only where there is no coding, exactly as written.
/// </remarks>
/// <param name="zone">Where dates without a time are read.</param>
internal sealed class CodeGroups(TimeZoneInfo zone)
{
    private readonly List<Member> members = [];
    private readonly Dictionary<string, int> codes = new(StringComparer.Ordinal);
    private readonly List<int> parents = [];

    public void Add(StoredResource observation)
    {
        var facts = ObservationFacts.Read(observation.Json.Span, zone);
        var group = -1;
        foreach (var code in facts.Codes)
        {
            // The same test of two people is two tests.
            var key = $"{facts.Subject}\n{code}";
            if (!codes.TryGetValue(key, out var number))
            {
                number = parents.Count;
                parents.Add(number);
                codes[key] = number;
            }

            group = group < 0 ? Root(number) : Join(group, number);
        }

        members.Add(new(observation, facts.At, group));
    }

    /// <summary>The newest of each group and whatever has the same time as the last of them; all together newest first.</summary>
    public IReadOnlyList<StoredResource> Newest(int max) =>
    [
        .. members.GroupBy(m => Root(m.Group)).SelectMany(group =>
        {
            var sorted = group.OrderByDescending(m => m.At).ThenByDescending(m => m.Observation.Sid).ToArray();
            return sorted.Length <= max ? sorted : sorted.TakeWhile((m, i) => i < max || m.At == sorted[max - 1].At);
        }).OrderByDescending(m => m.At).ThenByDescending(m => m.Observation.Sid).Select(m => m.Observation),
    ];

    private int Root(int number)
    {
        while (parents[number] != number)
            number = parents[number] = parents[parents[number]];
        return number;
    }

    private int Join(int one, int other)
    {
        var (a, b) = (Root(one), Root(other));
        return parents[Math.Max(a, b)] = Math.Min(a, b);
    }

    private readonly record struct Member(StoredResource Observation, long At, int Group);
}
