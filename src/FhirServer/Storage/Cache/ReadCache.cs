using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Cache;

/// <summary>Current versions that were read lately, compressed, up to so many bytes. Safe for many threads.</summary>
/// <remarks>
/// Never older than what a reader may have seen elsewhere: while a write of a key is on its way the key is not in the cache and cannot be put
/// into it, and a reader that began before a write may not put in what it found (<see cref="Ticket"/>).
/// </remarks>
internal sealed class ReadCache
{
    private const int Shards = 16;

    /// <summary>What an entry takes beside its body and id: node, dictionary slot, string headers.</summary>
    private const int Overhead = 200;

    private readonly Shard[] shards;
    private readonly BodyCodec codec;
    private volatile bool isOn = true;

    public ReadCache(long capacityInBytes, BodyCodec codec)
    {
        this.codec = codec;
        shards = new Shard[Shards];
        for (var i = 0; i < Shards; i++)
            shards[i] = new Shard(capacityInBytes / Shards);
    }

    /// <summary>Off: holds nothing and takes nothing, as long as somebody else may write the same store.</summary>
    public bool IsOn
    {
        get => isOn;
        set
        {
            isOn = value;
            foreach (var shard in shards)
                shard.Clear();
        }
    }

    /// <summary>The current version, when it is here; otherwise a ticket to put it in after reading it.</summary>
    /// <param name="mayAnswer">False while it is not certain that nobody else writes the store.</param>
    public StoredResource? Find(ResourceKey key, bool mayAnswer, out Ticket ticket)
    {
        ticket = default;
        if (!isOn || !mayAnswer)
            return null;
        var found = ShardOf(key).Find(key, out var epoch);
        if (found is null)
        {
            ticket = new(epoch);
            return null;
        }

        return new(found.Sid, key, found.Version, DateTimeOffset.FromUnixTimeMilliseconds(found.LastUpdated), false, found.Method, codec.Decompress(found.Body));
    }

    /// <summary>Keeps what was read since the ticket was given, unless something was written meanwhile.</summary>
    public void Keep(StoredResource read, Ticket ticket)
    {
        if (!isOn || !ticket.IsGiven || read.IsDeleted)
            return;
        var entry = new Entry(read.Key, read.Sid, read.Version, read.LastUpdated.ToUnixTimeMilliseconds(), read.Method, codec.Compress(read.Json.Span));
        ShardOf(read.Key).Keep(entry, ticket.Epoch);
    }

    /// <summary>Commits while no one can find what is being replaced. New resources need no care: nothing of theirs is here.</summary>
    public async Task<T> AroundAsync<T>(CommitPlan plan, Func<Task<T>> commit)
    {
        var replaced = plan.Writes.Where(w => w.ExpectedVersion > 0).Concat(plan.Purges).Select(w => w.Key).ToList();
        foreach (var key in replaced)
            ShardOf(key).Writing(key);
        try
        {
            return await commit();
        }
        finally
        {
            foreach (var key in replaced)
                ShardOf(key).Written(key);
        }
    }

    private Shard ShardOf(ResourceKey key) => shards[(int)((uint)key.GetHashCode() % Shards)];

    internal readonly record struct Ticket(long Epoch)
    {
        public bool IsGiven => Epoch != 0;
    }

    private sealed record Entry(ResourceKey Key, long Sid, int Version, long LastUpdated, string Method, byte[] Body)
    {
        public int Size => Body.Length + (2 * Key.Id.Length) + Overhead;
    }

    private sealed class Shard(long capacity)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<ResourceKey, LinkedListNode<Entry>> entries = [];
        private readonly LinkedList<Entry> byUse = new();
        private readonly Dictionary<ResourceKey, int> underWay = [];
        private long epoch = 1;
        private long size;

        public Entry? Find(ResourceKey key, out long now)
        {
            lock (gate)
            {
                now = epoch;
                if (!entries.TryGetValue(key, out var node))
                    return null;
                if (node != byUse.First)
                {
                    byUse.Remove(node);
                    byUse.AddFirst(node);
                }

                return node.Value;
            }
        }

        public void Keep(Entry entry, long since)
        {
            lock (gate)
            {
                if (since != epoch || underWay.ContainsKey(entry.Key) || entry.Size > capacity / 4)
                    return;
                Remove(entry.Key);
                entries[entry.Key] = byUse.AddFirst(entry);
                size += entry.Size;
                while (size > capacity)
                    Remove(byUse.Last!.Value.Key);
            }
        }

        public void Writing(ResourceKey key)
        {
            lock (gate)
            {
                epoch++;
                underWay[key] = underWay.GetValueOrDefault(key) + 1;
                Remove(key);
            }
        }

        public void Written(ResourceKey key)
        {
            lock (gate)
            {
                epoch++;
                if (underWay[key] == 1)
                    underWay.Remove(key);
                else
                    underWay[key]--;
            }
        }

        public void Clear()
        {
            lock (gate)
            {
                epoch++;
                entries.Clear();
                byUse.Clear();
                size = 0;
            }
        }

        private void Remove(ResourceKey key)
        {
            if (!entries.Remove(key, out var node))
                return;
            byUse.Remove(node);
            size -= node.Value.Size;
        }
    }
}
