namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class MovableClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public void Pass(TimeSpan time) => now += time;
}
