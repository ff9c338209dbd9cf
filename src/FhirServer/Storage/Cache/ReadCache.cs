using System.Buffers;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Cache;

/// <summary>Current versions that were read or written lately, compressed, up to so many bytes. Safe for many threads.</summary>
/// <remarks>
/// Never older than what a reader may have seen elsewhere: while a write of a key is on its way the key is not in the cache and cannot be put
/// into it, a reader that began before a write may not put in what it found (<see cref="Ticket"/>), and a written version goes in after its
/// commit, when no other write of the key was on its way beside it.
/// </remarks>
internal sealed class ReadCache
{
    private const int Shards = 16;

    private readonly CacheShard[] shards = new CacheShard[Shards];
    private readonly BodyCodec codec;
    private volatile bool isOn = true;

    public ReadCache(long capacityInBytes, BodyCodec codec)
    {
        this.codec = codec;
        for (var i = 0; i < Shards; i++)
            shards[i] = new CacheShard((int)(capacityInBytes / Shards));
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
        var hash = key.GetHashCode();
        if (ShardOf(hash).Find(hash, key, out var entry, out var length, out var epoch) is not { } body)
        {
            ticket = new(epoch);
            return null;
        }

        var json = codec.Decompress(body.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(body);
        return new(entry.Sid, key, entry.Version, DateTimeOffset.FromUnixTimeMilliseconds(entry.LastUpdated), false, HttpVerb.NameOf(entry.Method), json);
    }

    /// <summary>Fills in where those resources stand whose current versions are here; answers the places of the others.</summary>
    /// <param name="mayAnswer">See <see cref="Find"/>.</param>
    public List<int> FillIn(CurrentState[] states, IReadOnlyList<ResourceKey> keys, bool withBodies, bool mayAnswer)
    {
        var others = new List<int>();
        for (var i = 0; i < states.Length; i++)
        {
            var hash = keys[i].GetHashCode();
            if (!isOn || !mayAnswer || ShardOf(hash).Find(hash, keys[i], out var entry, out var length, out _) is not { } body)
            {
                others.Add(i);
                continue;
            }

            states[i] = new(entry.Sid, entry.Version, false, entry.LastUpdated, entry.Owner, withBodies ? codec.Decompress(body.AsSpan(0, length)) : default);
            ArrayPool<byte>.Shared.Return(body);
        }

        return others;
    }

    /// <summary>Keeps what was read since the ticket was given, unless something was written meanwhile.</summary>
    /// <param name="owner">First owner of the resource; 0 for none.</param>
    /// <param name="body">Compressed, as it is stored.</param>
    public void Keep(StoredResource read, long owner, ReadOnlySpan<byte> body, Ticket ticket)
    {
        if (!isOn || !ticket.IsGiven || read.IsDeleted)
            return;
        var hash = read.Key.GetHashCode();
        ShardOf(hash).Keep(hash, read.Key, new(read.Sid, owner, read.LastUpdated.ToUnixTimeMilliseconds(), read.Version, (byte)HttpVerb.NumberOf(read.Method)), body, ticket.Epoch);
    }

    /// <summary>Commits while no one can find what is being replaced, and afterwards keeps what was written.</summary>
    public async Task<CommitResult> AroundAsync(CommitPlan plan, Func<Task<CommitResult>> commit)
    {
        foreach (var write in plan.Writes)
            Begin(write);
        foreach (var purge in plan.Purges)
            Begin(purge);

        var (isCommitted, isOver) = (false, true);
        try
        {
            var result = await commit();
            isCommitted = result is CommitResult.Committed;
            return result;
        }
        catch (StorageUnavailableException)
        {
            isOver = false;
            throw;
        }
        finally
        {
            foreach (var write in plan.Writes)
                End(write, isCommitted && !write.IsDeleted, isOver);
            foreach (var purge in plan.Purges)
                End(purge, isCurrent: false, isOver);
        }
    }

    private void Begin(ResourceWrite write)
    {
        var hash = write.Key.GetHashCode();
        ShardOf(hash).Begin(hash, write, isOn);
    }

    /// <param name="isOver">False when the database may still commit, after it went away: what is there of the key now may not be kept then.</param>
    private void End(ResourceWrite write, bool isCurrent, bool isOver)
    {
        if (!isOver && write.ExpectedVersion > 0)
            return;
        var hash = write.Key.GetHashCode();
        ShardOf(hash).End(hash, write, isCurrent);
    }

    private CacheShard ShardOf(int hash) => shards[(uint)hash % Shards];

    internal readonly record struct Ticket(long Epoch)
    {
        public bool IsGiven => Epoch != 0;
    }
}
