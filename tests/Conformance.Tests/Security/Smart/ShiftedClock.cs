namespace FhirEmr.Conformance.Tests.Security.Smart;

/// <summary>The system's clock, some time later: what has expired has, and nobody waits.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long ticks;

    public void Forward(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref ticks));
}
