using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class StageWalkTests
{
    [Fact]
    public void Every_step_has_its_own_provenance_even_when_it_is_taken_twice()
    {
        var walk = Walk(ClaimStage.Paid);
        foreach (var stage in (string[])[ClaimStage.Reversed, ClaimStage.Paid, ClaimStage.Reversed, ClaimStage.Paid])
            Assert.Null(walk.MoveTo(stage, "835"));

        Assert.Equal(4, walk.Provenances.Select(p => p.Id).Distinct().Count());
        Assert.Equal((ClaimStage.Paid, ClaimStage.Paid), (walk.Current.Stage(), walk.Original.Stage()));
    }

    [Theory]
    [InlineData(ClaimStage.Queued, ClaimStage.Accepted, "queued → submitted, submitted → accepted")]
    [InlineData(ClaimStage.Queued, ClaimStage.Submitted, "")]
    [InlineData(ClaimStage.Submitted, ClaimStage.Forwarded, "submitted → forwarded")]
    [InlineData(ClaimStage.Accepted, ClaimStage.Forwarded, "")]
    [InlineData(ClaimStage.Pended, ClaimStage.Pended, "")]
    [InlineData(ClaimStage.Reversed, ClaimStage.Paid, "reversed → paid")]
    [InlineData(ClaimStage.Ready, ClaimStage.Accepted, "")]
    public void An_answer_moves_the_claim_on_or_not_at_all(string from, string answer, string trail)
    {
        var walk = Walk(from);

        Assert.Equal(trail.Length > 0, walk.TryAnswer(answer, "277CA"));
        Assert.Equal(trail, string.Join(", ", walk.Provenances.Select(p => p.Activity!.Text)));
        Assert.Equal(trail.Length > 0, walk.IsChanged);
    }

    [Fact]
    public void A_claim_of_somebody_else_is_not_moved()
    {
        var walk = new StageWalk(new Claim { Id = "7" }, BillingAgent.Reference, DateTimeOffset.UnixEpoch);

        Assert.False(walk.TryAnswer(ClaimStage.Accepted, "277CA"));
        Assert.NotNull(walk.MoveTo(ClaimStage.Reversed, "835"));
        Assert.False(walk.IsChanged);
    }

    private static StageWalk Walk(string stage)
    {
        var claim = new Claim { Id = "7", Meta = new Meta { VersionId = "3" } };
        claim.SetStage(stage);
        return new StageWalk(claim, BillingAgent.Reference, DateTimeOffset.UnixEpoch);
    }
}
