namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>A clock that stands still until it is told to go on; timers do not run.</summary>
internal sealed class CountedClock : TimeProvider
{
    private long ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public void Pass(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}
