using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>One user's requests at one time (security §8).</summary>
public sealed class UserTurnsTests
{
    private static readonly Caller Ann = RateLimitsTests.User("ann", "app");
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly CountedClock clock = new();

    [Fact]
    public async Task Those_beyond_the_turns_wait_those_beyond_the_wait_get_429_and_others_nothing_of_it()
    {
        var turns = Make(1);
        var (first, _) = await turns.EnterAsync(Ann, Ct);
        var second = turns.EnterAsync(Ann, Ct).AsTask();
        Assert.False(second.IsCompleted);

        var (none, fault) = await turns.EnterAsync(Ann, Ct);
        Assert.Null(none);
        Assert.Equal(429, fault!.Status);
        Assert.NotNull((await turns.EnterAsync(RateLimitsTests.User("ben", "app"), Ct)).Turn);

        first!.Leave();
        Assert.NotNull((await second).Turn);
    }

    [Fact]
    public async Task Waiting_has_an_end()
    {
        var turns = new UserTurns(Options.Create(new EdgeOptions { UserConcurrency = 1, QueueTime = TimeSpan.FromMilliseconds(1) }), clock);
        Assert.NotNull((await turns.EnterAsync(Ann, Ct)).Turn);
        Assert.Equal(429, (await turns.EnterAsync(Ann, Ct)).Fault!.Status);
    }

    [Fact]
    public async Task Without_limit_are_back_ends_the_servers_work_and_everybody_when_it_is_nought()
    {
        var (one, none) = (Make(1), Make(0));
        foreach (var (turns, caller) in new[] { (one, Caller.System), (one, Caller.Anonymous), (one, Ann with { Principal = new("nightly", "token", "") }), (none, Ann) })
            for (var n = 0; n < 5; n++)
                Assert.Equal((null, null), await turns.EnterAsync(caller, Ct));
    }

    [Fact]
    public async Task Who_has_no_request_here_is_forgotten()
    {
        var turns = Make(2);
        for (var n = 0; n < 100; n++)
            (await turns.EnterAsync(RateLimitsTests.User($"user-{n}", "app"), Ct)).Turn!.Leave();
        var (held, _) = await turns.EnterAsync(Ann, Ct);
        clock.Pass(TimeSpan.FromMinutes(2));

        (await turns.EnterAsync(RateLimitsTests.User("ben", "app"), Ct)).Turn!.Leave();
        Assert.Equal(2, turns.Users);
        held!.Leave();
    }

    private UserTurns Make(int turns) => new(Options.Create(new EdgeOptions { UserConcurrency = turns }), clock);
}
