using System.Collections.Concurrent;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Rings when there are new events to tell, and when a subscription was written or deleted; and tells those it wakes whether it is about theirs.</summary>
internal sealed class EventBell : Bell
{
    private readonly ConcurrentDictionary<long, long> last = new();
    private long changes;

    /// <summary>Another one than before: there is something new for this subscription.</summary>
    public (long Event, long Change) StampOf(long sid) => (last.GetValueOrDefault(sid), Interlocked.Read(ref changes));

    public void RingFor(IEnumerable<(long Subscription, long Number)> events)
    {
        foreach (var (subscription, number) in events)
            last[subscription] = number;
        Ring();
    }

    /// <summary>Some subscription stands otherwise.</summary>
    public void RingForAll()
    {
        Interlocked.Increment(ref changes);
        if (last.Count > 100_000)
            last.Clear();
        Ring();
    }
}
