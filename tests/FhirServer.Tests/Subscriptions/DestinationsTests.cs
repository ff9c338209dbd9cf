using FhirEmr.FhirServer.Subscriptions;

namespace FhirEmr.FhirServer.Tests.Subscriptions;

public sealed class DestinationsTests
{
    private readonly Clock clock = new();

    [Fact]
    public void One_destination_takes_few_places_and_another_none_of_them()
    {
        var destinations = new Destinations(clock);
        var places = Enumerable.Range(0, 20).Select(_ => destinations.TryEnter("a:1")).OfType<Destinations.Place>().ToList();
        Assert.Equal(16, places.Count);
        Assert.NotNull(destinations.TryEnter("b:1"));
        places[0].Leave(isReached: true);
        Assert.NotNull(destinations.TryEnter("a:1"));
    }

    [Fact]
    public void One_that_fails_takes_fewer_until_it_is_reached_again()
    {
        var destinations = new Destinations(clock);
        destinations.TryEnter("a:1")!.Leave(isReached: false);
        var places = Enumerable.Range(0, 20).Select(_ => destinations.TryEnter("a:1")).OfType<Destinations.Place>().ToList();
        Assert.Equal(4, places.Count);
        places[0].Leave(isReached: true);
        Assert.Equal(13, Enumerable.Range(0, 20).Count(_ => destinations.TryEnter("a:1") is not null));
    }

    [Fact]
    public void One_that_fails_again_and_again_is_left_alone_for_a_while_and_then_asked_once()
    {
        var destinations = new Destinations(clock);
        for (var i = 0; i < 8; i++)
            destinations.TryEnter("a:1")!.Leave(isReached: false);
        Assert.Null(destinations.TryEnter("a:1"));
        clock.Now += TimeSpan.FromSeconds(11);
        var first = destinations.TryEnter("a:1");
        Assert.NotNull(first);
        Assert.Null(destinations.TryEnter("a:1"));
        first.Leave(isReached: true);
        Assert.NotNull(destinations.TryEnter("a:1"));
        Assert.NotNull(destinations.TryEnter("a:1"));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
