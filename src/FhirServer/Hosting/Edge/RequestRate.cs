using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>So many requests a minute of each party. Who was silent for a minute may send a minute's worth at once; after that one goes as each one's time has passed.</summary>
/// <remarks>
/// One number a party says it all: when its requests would have gone at an even pace (generic cell rate algorithm). So there is no lock and no timer, a known party costs no allocation,
/// and one whose number has passed is as good as unknown and forgotten.
/// </remarks>
/// <param name="perMinute">0: no limit.</param>
internal sealed class RequestRate<TParty>(int perMinute, TimeProvider clock)
    where TParty : notnull
{
    private readonly ConcurrentDictionary<TParty, StrongBox<long>> paces = new();
    private readonly long minute = 60 * clock.TimestampFrequency;
    private long nextSweep;

    /// <summary>How many parties are remembered.</summary>
    public int Parties => paces.Count;

    /// <summary>Takes one of the party's requests; otherwise says how long there is none to take.</summary>
    /// <returns>Zero when it was taken.</returns>
    public TimeSpan Take(TParty party)
    {
        if (perMinute <= 0)
            return TimeSpan.Zero;

        var (now, each) = (clock.GetTimestamp(), minute / perMinute);
        Sweep(now);
        var pace = paces.GetOrAdd(party, static _ => new());
        while (true)
        {
            var seen = Volatile.Read(ref pace.Value);
            var next = Math.Max(seen, now) + each;
            if (next > now + minute)
                return clock.GetElapsedTime(now + minute, next);
            if (Interlocked.CompareExchange(ref pace.Value, next, seen) == seen)
                return TimeSpan.Zero;
        }
    }

    /// <summary>How long there is none to take; takes none.</summary>
    public TimeSpan Left(TParty party)
    {
        if (perMinute <= 0 || !paces.TryGetValue(party, out var pace))
            return TimeSpan.Zero;
        var (full, next) = (clock.GetTimestamp() + minute, Volatile.Read(ref pace.Value) + (minute / perMinute));
        return next > full ? clock.GetElapsedTime(full, next) : TimeSpan.Zero;
    }

    /// <summary>Forgets the idle ones, once a minute, on the way of whoever comes first.</summary>
    private void Sweep(long now)
    {
        var due = Volatile.Read(ref nextSweep);
        if (now < due || Interlocked.CompareExchange(ref nextSweep, now + minute, due) != due)
            return;
        foreach (var pace in paces)
            if (Volatile.Read(ref pace.Value.Value) <= now)
                paces.TryRemove(pace);
    }
}
