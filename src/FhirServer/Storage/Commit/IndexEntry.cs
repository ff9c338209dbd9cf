using System.Runtime.InteropServices;

namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>An index row as it lies on disk: the value, beside it the patient it belongs to (0: none) and the resource.</summary>
internal readonly record struct IndexEntry<T>(T Row, long Owner, long Sid) where T : struct;

/// <summary>What changes in one index table, each list in key order and without repeats.</summary>
internal sealed class IndexChanges<T> where T : struct
{
    public List<IndexEntry<T>> Removed { get; } = [];

    public List<IndexEntry<T>> Added { get; private set; } = [];

    /// <summary>Takes one resource's rows: a new one's as they are, an updated one's where they differ from the old.</summary>
    public void Collect(long sid, List<T>? before, List<long>? ownersBefore, List<T> after, List<long> owners)
    {
        if (before is null or { Count: 0 })
        {
            Add(Added, sid, after, owners);
            return;
        }

        var old = new List<IndexEntry<T>>();
        Add(old, sid, before, ownersBefore!);
        var gone = new HashSet<IndexEntry<T>>(old);
        var fresh = new List<IndexEntry<T>>();
        Add(fresh, sid, after, owners);
        var kept = new HashSet<IndexEntry<T>>();
        foreach (var entry in fresh)
            if (gone.Remove(entry))
                kept.Add(entry);
            else if (!kept.Contains(entry))
                Added.Add(entry);
        Removed.AddRange(gone);
    }

    public void Sort<TOrder>(TOrder order) where TOrder : struct, IComparer<IndexEntry<T>>
    {
        CollectionsMarshal.AsSpan(Removed).Sort(order);
        CollectionsMarshal.AsSpan(Added).Sort(order);
        for (var i = 1; i < Added.Count; i++)
            if (Added[i] == Added[i - 1])
            {
                Added = [.. Added.Distinct()];
                break;
            }
    }

    private static void Add(List<IndexEntry<T>> into, long sid, List<T> rows, List<long> owners)
    {
        foreach (var row in rows)
            if (owners.Count == 0)
                into.Add(new(row, 0, sid));
            else
                foreach (var owner in owners)
                    into.Add(new(row, owner, sid));
    }
}
