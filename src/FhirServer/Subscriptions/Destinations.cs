using System.Collections.Concurrent;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>What is known on this node of the places that notifications go to: one that hangs or fails takes few of the workers, and a while none.</summary>
internal sealed class Destinations(TimeProvider clock)
{
    private const int MostAtOnce = 16;
    private const int MostWhileFailing = 4;
    private const int FailuresUntilOpen = 8;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Destination> known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A place at the destination, to be given back with how it went; null while it is taken up or left alone.</summary>
    public Place? TryEnter(string authority)
    {
        if (known.Count > 10_000)
            known.Clear();
        var destination = known.GetOrAdd(authority, _ => new());
        lock (destination)
        {
            if (destination.Running >= (destination.Failures > 0 ? MostWhileFailing : MostAtOnce) || clock.GetUtcNow() < destination.ClosedUntil)
                return null;
            if (destination.Failures >= FailuresUntilOpen && destination.Running > 0)
                return null; // one at a time finds out whether it is back
            destination.Running++;
            return new(clock, destination);
        }
    }

    internal sealed class Destination
    {
        public int Running { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset ClosedUntil { get; set; }
    }

    internal sealed class Place(TimeProvider clock, Destination destination)
    {
        public void Leave(bool isReached)
        {
            lock (destination)
            {
                destination.Running--;
                destination.Failures = isReached ? 0 : destination.Failures + 1;
                if (destination.Failures >= FailuresUntilOpen)
                    destination.ClosedUntil = clock.GetUtcNow() + Rest;
            }
        }
    }
}
