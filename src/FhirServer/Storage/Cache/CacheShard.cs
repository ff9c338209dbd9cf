using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Cache;

/// <summary>One part of the cache under one lock: the entries, and which of its keys are being written.</summary>
internal sealed class CacheShard(int capacity)
{
    private readonly Lock gate = new();
    private readonly EntryRing entries = new(capacity);
    private readonly Dictionary<ResourceKey, UnderWay> writing = [];
    private long epoch = 1;
    private int emptied;

    /// <summary>A rented copy of the body; null, and a number to give to <see cref="Keep"/>, when the key is not here.</summary>
    public byte[]? Find(int hash, ResourceKey key, out EntryHead entry, out int length, out long now)
    {
        lock (gate)
        {
            now = epoch;
            return entries.Find(hash, key, out entry, out length);
        }
    }

    /// <summary>Keeps what a reader found, unless something was replaced since its number was given.</summary>
    public void Keep(int hash, ResourceKey key, in EntryHead entry, ReadOnlySpan<byte> body, long since)
    {
        lock (gate)
            if (since == epoch && !writing.ContainsKey(key))
                entries.Put(hash, key, entry, body);
    }

    /// <summary>A write begins: until it has ended nobody finds or keeps the key.</summary>
    /// <param name="mayKeep">Whether the written version may be kept at the end.</param>
    public void Begin(int hash, ResourceWrite write, bool mayKeep)
    {
        lock (gate)
        {
            // Of a resource that is new no reader has anything older.
            if (write.ExpectedVersion > 0)
                epoch++;
            writing[write.Key] = writing.TryGetValue(write.Key, out var others)
                ? others with { Count = others.Count + 1, IsDisputed = true }
                : new(1, !mayKeep, emptied);
            entries.Remove(hash);
        }
    }

    /// <summary>A write has ended. What it wrote is kept when no other wrote the key at the same time: which of two came later is not known here.</summary>
    public void End(int hash, ResourceWrite write, bool isCurrent)
    {
        lock (gate)
        {
            if (write.ExpectedVersion > 0)
                epoch++;
            var own = writing[write.Key];
            if (own.Count > 1)
            {
                writing[write.Key] = own with { Count = own.Count - 1 };
                return;
            }

            writing.Remove(write.Key);
            if (isCurrent && !own.IsDisputed && own.Emptied == emptied)
                entries.Put(hash, write.Key, new(write.Sid, write.Owner, write.LastUpdated, write.Version, (byte)HttpVerb.NumberOf(write)), write.Body);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            epoch++;
            emptied++;
            entries.Clear();
        }
    }

    /// <param name="Count">Writes of the key on their way.</param>
    /// <param name="IsDisputed">There was more than one, or the cache was off: what they wrote is not kept.</param>
    /// <param name="Emptied">How often the cache had been emptied before.</param>
    private readonly record struct UnderWay(int Count, bool IsDisputed, int Emptied);
}
