using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents;

/// <summary>What resources refer to, and what that refers to, each once.</summary>
internal static class References
{
    /// <summary>Most resources of one document.</summary>
    public const int Most = 20_000;

    /// <param name="from">Where it begins; they come first, in their order.</param>
    /// <param name="find">Null for what is not to be followed.</param>
    public static IReadOnlyList<RecordResource> Closure(IEnumerable<RecordResource> from, Func<ResourceKey, RecordResource?> find)
    {
        var (found, seen) = (new List<RecordResource>(), new HashSet<ResourceKey>());
        foreach (var first in from)
            if (seen.Add(first.Key))
                found.Add(first);
        var patients = found.Where(f => f.Key.Type == "Patient").Select(f => f.Key).ToHashSet();
        for (var i = 0; i < found.Count && found.Count < Most; i++)
            foreach (var key in found[i].References())
                // Another person's record is no part of this one's document.
                if ((key.Type != "Patient" || patients.Contains(key)) && seen.Add(key) && find(key) is { } next)
                    found.Add(next);
        return found;
    }
}
