using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Tests.Interactions.Writing;

/// <summary>What is decided while the commit before it is on its way.</summary>
public sealed class CommitTurnTests
{
    private static readonly ResourceKey Key = new("Patient", "a");

    [Fact]
    public void Keys_of_the_one_before_are_taken_over_and_what_is_stored_goes_first()
    {
        var before = new CommitTurn(null);
        before.Make(Key, 7);
        var turn = new CommitTurn(before);

        Assert.Equal((7, false), (turn.Of(Key, CurrentState.None).Sid, turn.Of(Key, CurrentState.None).Exists));
        Assert.Equal(3, turn.Of(Key, new CurrentState(3, 1, false, 1, 0, default)).Sid);
        Assert.False(turn.Of(new("Patient", "b"), CurrentState.None).IsKnown);
        Assert.False(before.Of(Key, CurrentState.None).IsKnown); // its own it has decided itself
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_comes_when_the_one_before_has_ended_and_knows_how(bool isCommitted)
    {
        var before = new CommitTurn(null);
        var coming = new CommitTurn(before).ComesAsync();
        Assert.False(coming.IsCompleted);

        before.End(isCommitted);
        before.End(!isCommitted); // only the first counts

        Assert.Equal(isCommitted, await coming);
        Assert.True(await new CommitTurn(null).ComesAsync());
    }
}
