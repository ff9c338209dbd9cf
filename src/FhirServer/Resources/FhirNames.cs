using System.Collections.Concurrent;

namespace FhirEmr.FhirServer.Resources;

/// <summary>Element names as small integers, so that navigation compares numbers.</summary>
internal static class FhirNames
{
    private static readonly ConcurrentDictionary<string, int> Ids = new(StringComparer.Ordinal);
    private static readonly List<string> Names = [];
    private static readonly Lock Gate = new();

    public static int Id(string name)
    {
        if (Ids.TryGetValue(name, out var id))
            return id;

        lock (Gate)
        {
            if (Ids.TryGetValue(name, out id))
                return id;
            Names.Add(name);
            return Ids[name] = Names.Count;
        }
    }

    public static string Name(int id)
    {
        lock (Gate)
            return Names[id - 1];
    }
}
