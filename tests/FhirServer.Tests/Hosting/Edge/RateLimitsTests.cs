using System.Net;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>Requests a minute of each party (security §8), by a clock that goes when it is told to.</summary>
public sealed class RateLimitsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly CountedClock clock = new();

    [Fact]
    public void A_minutes_worth_goes_at_once_and_then_one_in_each_ones_time()
    {
        var rate = new RequestRate<string>(6, clock);
        for (var n = 0; n < 6; n++)
            Assert.Equal(TimeSpan.Zero, rate.Take("a"));

        Assert.Equal(TimeSpan.FromSeconds(10), rate.Take("a"));
        Assert.Equal(TimeSpan.FromSeconds(10), rate.Take("a")); // what is refused costs nothing
        Assert.Equal(TimeSpan.Zero, rate.Take("b"));
        clock.Pass(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(1), rate.Take("a"));
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, rate.Take("a"));
        Assert.Equal(TimeSpan.FromSeconds(10), rate.Take("a"));
        clock.Pass(TimeSpan.FromHours(1)); // silence earns a minute's worth, not an hour's
        Assert.Equal(6, Enumerable.Range(0, 20).Count(_ => rate.Take("a") == TimeSpan.Zero));
    }

    [Fact]
    public void Looking_takes_nothing()
    {
        var rate = new RequestRate<string>(1, clock);
        Assert.Equal(TimeSpan.Zero, rate.Left("a"));
        Assert.Equal(TimeSpan.Zero, rate.Take("a"));
        Assert.Equal(TimeSpan.FromMinutes(1), rate.Left("a"));
        clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, rate.Left("a"));
        Assert.Equal(TimeSpan.Zero, rate.Take("a"));
    }

    [Fact]
    public void Who_has_been_silent_is_forgotten()
    {
        var rate = new RequestRate<int>(60, clock);
        for (var n = 0; n < 1000; n++)
            rate.Take(n);
        clock.Pass(TimeSpan.FromMinutes(2));
        rate.Take(-1);
        Assert.Equal(1, rate.Parties);
    }

    [Fact]
    public void Takers_at_one_moment_get_no_more_than_there_is()
    {
        var rate = new RequestRate<string>(100, clock);
        var taken = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (rate.Take("a") == TimeSpan.Zero)
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(100, taken);
    }

    [Fact]
    public void A_user_is_one_whatever_app_asks_and_wherever_from()
    {
        var limits = Make(new() { UserPerMinute = 2 });
        Assert.Null(limits.CallerFault(User("ann", "app"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(User("ann", "other"), Here));

        AssertWaits(30, limits.CallerFault(User("ann", "app"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(User("ben", "app"), IPAddress.Loopback));
        clock.Pass(TimeSpan.FromSeconds(30));
        Assert.Null(limits.CallerFault(User("ann", "app"), IPAddress.Loopback));
    }

    [Fact]
    public void A_client_is_one_with_all_its_users()
    {
        var limits = Make(new() { ClientPerMinute = 2 });
        Assert.Null(limits.CallerFault(User("ann", "app"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(User("ben", "app"), IPAddress.Loopback));

        AssertWaits(30, limits.CallerFault(User("cay", "app"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(User("cay", "other"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(BackEnd("nightly"), IPAddress.Loopback));
        Assert.Null(limits.CallerFault(BackEnd("nightly"), IPAddress.Loopback));
        AssertWaits(30, limits.CallerFault(BackEnd("nightly"), IPAddress.Loopback));
    }

    [Fact]
    public void Uncounted_are_the_servers_own_work_and_the_clients_that_are_named()
    {
        var limits = Make(new() { ClientPerMinute = 1, UserPerMinute = 1, TokensPerMinute = 1, UncountedClients = { "load" } });
        for (var n = 0; n < 5; n++)
        {
            Assert.Null(limits.CallerFault(Caller.System, null));
            Assert.Null(limits.CallerFault(BackEnd("load"), Here));
            Assert.Equal(TimeSpan.Zero, limits.TakeToken("load", null));
        }

        Assert.Null(limits.CallerFault(BackEnd("loads"), Here));
        AssertWaits(60, limits.CallerFault(BackEnd("loads"), Here));
    }

    [Fact]
    public void Without_credentials_an_address_has_little_and_this_machine_is_not_counted()
    {
        var limits = Make(new() { AnonymousPerMinute = 1 });
        Assert.Null(limits.CallerFault(Caller.Anonymous, Here));

        AssertWaits(60, limits.CallerFault(Caller.Anonymous, Here));
        Assert.Null(limits.CallerFault(Caller.Anonymous, There));
        Assert.Null(limits.CallerFault(User("ann", "app"), Here));
        for (var n = 0; n < 5; n++)
            Assert.Null(limits.CallerFault(Caller.Anonymous, IPAddress.Loopback));
    }

    [Theory]
    [InlineData(1, 100)] // the address, before anybody is looked up
    [InlineData(100, 1)] // the user
    public async Task Beside_the_api_callers_are_counted_like_those_to_it(int addressPerMinute, int userPerMinute)
    {
        var looks = new Looks(User("ann", "app"));
        var callers = new CountedCallers(looks, Make(new() { AddressPerMinute = addressPerMinute, UserPerMinute = userPerMinute }));
        Assert.Null((await callers.OfAsync(From(Here), TestContext.Current.CancellationToken)).Fault);

        var again = From(Here);
        AssertWaits(60, (await callers.OfAsync(again, TestContext.Current.CancellationToken)).Fault);
        Assert.Equal("60", again.Response.Headers.RetryAfter);
        Assert.Equal(addressPerMinute == 1 ? 1 : 2, looks.Count);
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void Addresses_of_one_holder_are_one(string one, string other, bool isOne)
    {
        var limits = Make(new() { AddressPerMinute = 1 });
        Assert.Null(limits.AddressFault(IPAddress.Parse(one)));
        Assert.Equal(isOne, limits.AddressFault(IPAddress.Parse(other)) is not null);
    }

    [Fact]
    public void Tokens_are_counted_for_an_address_and_for_a_client_with_each_of_its_users()
    {
        var limits = Make(new() { TokensPerMinute = 1 });
        Assert.Equal(TimeSpan.Zero, limits.TakeToken(Here));
        Assert.Equal(TimeSpan.FromMinutes(1), limits.TakeToken(Here));
        Assert.Equal(TimeSpan.FromMinutes(1), limits.TokenWait(Here));
        Assert.Equal(TimeSpan.Zero, limits.TokenWait(There));
        Assert.Equal(TimeSpan.Zero, limits.TakeToken(There));

        Assert.Equal(TimeSpan.Zero, limits.TakeToken("nightly", null));
        Assert.Equal(TimeSpan.FromMinutes(1), limits.TakeToken("nightly", null));
        Assert.Equal(TimeSpan.Zero, limits.TakeToken("app", "ann"));
        Assert.Equal(TimeSpan.Zero, limits.TakeToken("app", "ben"));
        Assert.Equal(TimeSpan.FromMinutes(1), limits.TakeToken("app", "ann"));
    }

    [Fact]
    public void Nought_is_no_limit()
    {
        var limits = Make(new());
        for (var n = 0; n < 10_000; n++)
        {
            Assert.Null(limits.AddressFault(Here));
            Assert.Null(limits.CallerFault(User("ann", "app"), Here));
            Assert.Null(limits.CallerFault(Caller.Anonymous, Here));
            Assert.Equal(TimeSpan.Zero, limits.TakeToken(Here));
            Assert.Equal(TimeSpan.Zero, limits.TakeToken("app", "ann"));
        }
    }

    [Fact]
    public void Unless_told_a_user_has_a_hundred_a_second_and_a_back_end_as_many_as_the_server_bears()
    {
        var limits = new RateLimits(Options.Create(new EdgeOptions()), clock);
        for (var n = 0; n < 6_000; n++)
        {
            Assert.Null(limits.CallerFault(User("ann", "app"), Here));
            Assert.Null(limits.CallerFault(BackEnd("nightly"), Here));
        }

        Assert.Equal(429, limits.CallerFault(User("ann", "app"), Here)?.Status);
        Assert.Null(limits.CallerFault(BackEnd("nightly"), Here));
    }

    [Fact]
    public void A_known_party_costs_no_allocation()
    {
        var rate = new RequestRate<(string, string?)>(1_000_000, clock);
        rate.Take(("app", "ann"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 1000; n++)
            rate.Take(("app", "ann"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000); // the runtime's own
    }

    [Theory]
    [InlineData(0.001, "1")]
    [InlineData(1, "1")]
    [InlineData(1.001, "2")]
    public void The_time_to_wait_is_told_in_whole_seconds_and_never_too_short(double seconds, string header) =>
        Assert.Equal(header, RateLimits.Seconds(TimeSpan.FromSeconds(seconds)));

    /// <summary>Only what the test is about has a limit.</summary>
    private RateLimits Make(EdgeOptions options)
    {
        var none = new EdgeOptions();
        int Own(Func<EdgeOptions, int> of) => of(options) == of(none) ? 0 : of(options);
        (options.AddressPerMinute, options.AnonymousPerMinute, options.UserPerMinute, options.ClientPerMinute, options.TokensPerMinute) =
            (Own(o => o.AddressPerMinute), Own(o => o.AnonymousPerMinute), Own(o => o.UserPerMinute), Own(o => o.ClientPerMinute), Own(o => o.TokensPerMinute));
        return new(Options.Create(options), clock);
    }

    internal static Caller User(string user, string client) => new(user, AccessPlan.Nothing) { Principal = new(client, "token", "") { UserId = user } };

    private static Caller BackEnd(string client) => new(client, AccessPlan.Nothing) { Principal = new(client, "token", "") };

    private static void AssertWaits(int seconds, FhirFault? fault) =>
        Assert.Equal((429, TimeSpan.FromSeconds(seconds)), (fault?.Status ?? 200, fault?.RetryAfter));

    private static DefaultHttpContext From(IPAddress address) => new() { Connection = { RemoteIpAddress = address } };

    private sealed class Looks(Caller caller) : ICallers
    {
        public int Count { get; private set; }

        public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct)
        {
            Count++;
            return new((caller, null));
        }
    }
}
