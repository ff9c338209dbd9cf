using FhirEmr.FhirServer.Interactions.Writing;

namespace FhirEmr.FhirServer.Tests.Interactions.Writing;

public class WriteClockTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_horizon_waits_for_the_writes_on_their_way()
    {
        var clock = new WriteClock(TimeProvider.System);
        var write = clock.Begin();

        var horizon = clock.HorizonAsync(Ct);
        Assert.False(horizon.IsCompleted);
        write.Dispose();

        Assert.True(await horizon >= write.Instant);
    }

    [Fact]
    public async Task What_begins_after_a_horizon_is_later_than_it()
    {
        var clock = new WriteClock(TimeProvider.System);
        for (var i = 0; i < 100; i++)
        {
            var horizon = await clock.HorizonAsync(Ct);
            using var write = clock.Begin();
            Assert.True(write.Instant > horizon);
        }
    }

    [Fact]
    public async Task A_version_is_later_than_the_one_before_even_when_the_clock_went_back()
    {
        var clock = new WriteClock(TimeProvider.System);
        var ahead = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds();
        using (var write = clock.Begin())
            Assert.Equal(ahead + 1, write.After(ahead));

        // Read your writes: what was given out is within the horizon, though the clock is not there yet.
        Assert.True(await clock.HorizonAsync(Ct) >= ahead + 1);
    }
}
