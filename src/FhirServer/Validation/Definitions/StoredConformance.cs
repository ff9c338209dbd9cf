using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Conformance resources that clients have stored: they go before those of packages. Kept reduced, as packages are.</summary>
internal sealed class StoredConformance
{
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceKey, State> states = [];
    private volatile DefinitionIndex<ReadOnlyMemory<byte>>? index = DefinitionIndex<ReadOnlyMemory<byte>>.Empty; // null: to be made again
    private long generation;

    /// <summary>Types that are read from the store.</summary>
    public static string[] Types => DefinitionReduction.Types;

    public long Generation => Interlocked.Read(ref generation);

    private DefinitionIndex<ReadOnlyMemory<byte>> Index
    {
        get
        {
            if (index is { } made)
                return made;
            lock (gate)
                return index ??= new(states.Values.Where(s => s.Json is not null).Select(s => (s.Entry, (ReadOnlyMemory<byte>)s.Json!)));
        }
    }

    /// <summary>How many of a type are there, with a URL or without.</summary>
    public int Count(string type)
    {
        lock (gate)
            return states.Count(s => s.Key.Type == type && !s.Value.IsDeleted);
    }

    /// <summary>Takes versions in any order: of each resource the newest counts.</summary>
    /// <param name="versions">Without JSON: deleted.</param>
    public void Take(IEnumerable<(ResourceKey Key, int Version, ReadOnlyMemory<byte> Json)> versions)
    {
        var hasChanged = false;
        lock (gate)
        {
            foreach (var (key, version, json) in versions)
            {
                if (states.TryGetValue(key, out var known) && known.Version >= version)
                    continue;
                var entry = default(DefinitionEntry);
                var reduced = json.IsEmpty ? null : DefinitionReduction.Reduce(json, out entry);
                states[key] = new(version, entry, reduced, json.IsEmpty);
                hasChanged = true;
            }

            if (hasChanged)
                index = null;
        }

        if (hasChanged)
            Interlocked.Increment(ref generation);
    }

    /// <summary>Forgets a type: what is still there is taken anew.</summary>
    public void Forget(string type)
    {
        lock (gate)
        {
            foreach (var key in states.Keys.Where(k => k.Type == type).ToList())
                states.Remove(key);
            index = null;
        }

        Interlocked.Increment(ref generation);
    }

    public IEnumerable<string> Urls(string type) => Index.Urls(type);

    public ReadOnlyMemory<byte>? Find(string type, string url, string? version) => Index.TryFind(type, url, version, out _, out var json) ? json : default(ReadOnlyMemory<byte>?); // a bare null would become empty memory

    /// <param name="Json">Null when it is deleted, or has no URL to ask for it by.</param>
    private readonly record struct State(int Version, DefinitionEntry Entry, byte[]? Json, bool IsDeleted);
}
