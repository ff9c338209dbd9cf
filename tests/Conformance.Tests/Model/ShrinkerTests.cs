namespace FhirEmr.Conformance.Tests.Model;

public class ShrinkerTests
{
    [Fact]
    public async Task What_is_left_fails_and_nothing_more_can_be_left_out()
    {
        var least = await Shrinker.ShrinkAsync([.. Enumerable.Range(0, 200)], some => Task.FromResult(some.Contains(17) && some.Contains(63) && some.Contains(181)), attempts: 500);

        Assert.Equal([17, 63, 181], least);
    }

    [Fact]
    public async Task It_ends_when_it_was_asked_often_enough_with_something_that_fails()
    {
        var asked = 0;
        var least = await Shrinker.ShrinkAsync([.. Enumerable.Range(0, 200)], some => Task.FromResult(++asked > 0 && some.Contains(0) && some.Contains(199)), attempts: 5);

        Assert.Equal(5, asked);
        Assert.Contains(0, least);
        Assert.Contains(199, least);
        Assert.True(least.Count < 200);
    }

    [Fact]
    public void The_same_seed_makes_the_same_steps()
    {
        Assert.Equal(ModelStep.Sequence(5, 70, 2), ModelStep.Sequence(5, 70, 2));
        Assert.Equal(3, ModelStep.Sequence(5, 70, 2).OfType<ModelStep.Everything>().Count());
    }
}
