using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class ReplacementPipelineTests
{
    private static readonly ResourceReference Who = new("Practitioner/doc");

    private readonly TwoPayers _two = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replacement_is_the_whole_claim_under_a_number_of_its_own()
    {
        var first = await PaidAsync();
        var corrected = (Claim)first.DeepCopy();
        corrected.Item[0].Net!.Value = 160m;
        corrected.Item[0].UnitPrice!.Value = 160m;

        var made = Assert.IsType<SuccessorResult.Made>(await _two.Replacements.ReplaceAsync(first.Id!, corrected, "wrong fee", Who, Ct));

        var second = _two.Records.Get<Claim>(made.ClaimId);
        Assert.Equal((ClaimStage.Ready, 160m, PatientControlNumber.Of("visit", 1, 1)), (second.Stage(), second.Total!.Value, second.PatientControlNumber()));
        Assert.Equal(("7", "claim/visit/cov/1/1"), (second.Frequency(), second.CreationKey()));
        Assert.Equal(($"Claim/{first.Id}", "ICNACME11"), (second.Related[0].Claim!.Reference, second.Related[0].Reference!.Value));
        var lines = (await _two.SendAsync()).Split("~\n");
        Assert.Contains($"CLM*{second.PatientControlNumber()}*160***11:B:7*Y*A*Y*Y", lines);
        Assert.Contains("REF*F8*ICNACME11", lines);
        Assert.Contains("wrong fee", _two.Records.All<Provenance>().Single(p => p.Target[0].Reference == $"Claim/{second.Id}" && p.Activity!.Text == "draft → ready").Reason[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_correction_it_is_a_draft_that_is_not_sent()
    {
        var first = await PaidAsync();

        var made = Assert.IsType<SuccessorResult.Made>(await _two.Replacements.ReplaceAsync(first.Id!, null, "modifier missing", Who, Ct));

        Assert.Equal(ClaimStage.Draft, _two.Records.Get<Claim>(made.ClaimId).Stage());
        var ready = Assert.IsType<ClaimResult.Ready>(await _two.Claims.RescrubAsync(made.ClaimId, Ct));
        Assert.Equal(made.PatientControlNumber, ready.PatientControlNumber);
        Assert.Equal("7", _two.Records.Get<Claim>(made.ClaimId).Frequency());
    }

    [Fact]
    public async Task The_original_is_replaced_when_the_payer_takes_the_replacement()
    {
        var first = await PaidAsync();
        var made = (SuccessorResult.Made)await _two.Replacements.ReplaceAsync(first.Id!, first, "again", Who, Ct);
        Assert.Empty(await _two.Replacements.SettleAsync(Ct));
        _two.SetStage(_two.Records.Get<Claim>(made.ClaimId), ClaimStage.Submitted);
        Assert.Empty(await _two.Replacements.SettleAsync(Ct));
        _two.SetStage(_two.Records.Get<Claim>(made.ClaimId), ClaimStage.Accepted);

        Assert.Equal([first.Id!], await _two.Replacements.SettleAsync(Ct));

        var replaced = _two.Records.Get<Claim>(first.Id!);
        Assert.Equal((ClaimStage.Replaced, FinancialResourceStatusCodes.Cancelled), (replaced.Stage(), replaced.Status));
        Assert.Equal(FhirTask.TaskStatus.Completed, _two.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "replacement").Status);
        var after = _two.Records.Snapshot;
        Assert.Empty(await _two.Replacements.SettleAsync(Ct));
        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Fact]
    public async Task A_void_repeats_the_original_and_ends_it()
    {
        var first = await PaidAsync();

        var made = Assert.IsType<SuccessorResult.Made>(await _two.Replacements.VoidAsync(first.Id!, "billed to the wrong patient", Who, Ct));

        var second = _two.Records.Get<Claim>(made.ClaimId);
        Assert.Equal((ClaimStage.Ready, "8", 152m), (second.Stage(), second.Frequency(), second.Total!.Value));
        var lines = (await _two.SendAsync()).Split("~\n");
        Assert.Contains($"CLM*{second.PatientControlNumber()}*152***11:B:8*Y*A*Y*Y", lines);
        _two.SetStage(_two.Records.Get<Claim>(made.ClaimId), ClaimStage.Accepted);
        await _two.Replacements.SettleAsync(Ct);
        Assert.Equal(ClaimStage.Voided, _two.Records.Get<Claim>(first.Id!).Stage());
    }

    [Fact]
    public async Task A_void_is_closed_when_the_payer_has_its_money_back_and_not_before()
    {
        var first = await PaidAsync();
        var made = (SuccessorResult.Made)await _two.Replacements.VoidAsync(first.Id!, "billed to the wrong patient", Who, Ct);
        await _two.SendAsync();
        _two.SetStage(_two.Records.Get<Claim>(made.ClaimId), ClaimStage.Accepted);
        Assert.Equal([first.Id!], await _two.Replacements.SettleAsync(Ct));
        Assert.Equal((ClaimStage.Voided, ClaimStage.Accepted), (_two.Records.Get<Claim>(first.Id!).Stage(), _two.Records.Get<Claim>(made.ClaimId).Stage()));
        var waiting = _two.Records.Snapshot;
        Assert.Empty(await _two.Replacements.SettleAsync(Ct)); // 100 are still here
        Assert.Equal(waiting, _two.Records.Snapshot);

        await _two.AnswerAsync(first.PatientControlNumber()!, "22", -100m, ["CAS*CO*45*-52"], charge: -152m);
        await _two.Replacements.SettleAsync(Ct);

        var second = _two.Records.Get<Claim>(made.ClaimId);
        Assert.Equal((ClaimStage.Voided, ClaimStage.Closed), (_two.Records.Get<Claim>(first.Id!).Stage(), second.Stage()));
        Assert.Equal(["accepted → paid", "paid → closed"], _two.History(second).Skip(3));
        Assert.Equal(FhirTask.TaskStatus.Completed, _two.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "replacement").Status);
        Assert.Equal(0m, Balances.Of(_two.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse)).OfClaim($"Claim/{first.Id}").BalanceUsd);
        var after = _two.Records.Snapshot;
        await _two.Replacements.SettleAsync(Ct);
        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Fact]
    public async Task The_void_of_a_denied_claim_is_closed_as_soon_as_the_payer_takes_it()
    {
        var first = await _two.BillAsync();
        await _two.SendAsync();
        await _two.AnswerAsync(first.PatientControlNumber()!, "4", 0m, ["CAS*CO*16*152"]);
        var made = (SuccessorResult.Made)await _two.Replacements.VoidAsync(first.Id!, "not our patient", Who, Ct);
        await _two.SendAsync();
        Assert.Empty(await _two.Replacements.SettleAsync(Ct));
        _two.SetStage(_two.Records.Get<Claim>(made.ClaimId), ClaimStage.Accepted);

        await _two.Replacements.SettleAsync(Ct);

        Assert.Equal((ClaimStage.Voided, ClaimStage.Closed), (_two.Records.Get<Claim>(first.Id!).Stage(), _two.Records.Get<Claim>(made.ClaimId).Stage()));
    }

    [Fact]
    public async Task A_payer_that_takes_its_money_back_has_voided_the_claim()
    {
        var first = await PaidAsync();
        var made = (SuccessorResult.Made)await _two.Replacements.VoidAsync(first.Id!, "duplicate visit", Who, Ct);
        await _two.AnswerAsync(first.PatientControlNumber()!, "22", -100m, ["CAS*CO*45*-52"], charge: -152m);
        Assert.Equal(ClaimStage.Reversed, _two.Records.Get<Claim>(first.Id!).Stage());

        await _two.Replacements.SettleAsync(Ct);

        Assert.Equal(ClaimStage.Voided, _two.Records.Get<Claim>(first.Id!).Stage());

        // The void that nobody sent yet is needless, and goes nowhere.
        var needless = _two.Records.Get<Claim>(made.ClaimId);
        Assert.Equal((ClaimStage.Draft, FinancialResourceStatusCodes.EnteredInError), (needless.Stage(), needless.Status));
        Assert.Equal(FhirTask.TaskStatus.Completed, _two.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "replacement").Status);
        Assert.Empty((await new SubmissionPipeline(_two.Records, new MemoryChannel(), TwoPayers.Sender, TwoPayers.Clock).BatchReadyClaimsAsync(Ct)).Batches);
        var after = _two.Records.Snapshot;
        await _two.Replacements.SettleAsync(Ct);
        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Fact]
    public async Task Asked_twice_it_is_the_same_replacement_and_a_void_beside_it_is_refused()
    {
        var first = await PaidAsync();
        var made = (SuccessorResult.Made)await _two.Replacements.ReplaceAsync(first.Id!, first, "again", Who, Ct);
        var before = _two.Records.Snapshot;

        var again = Assert.IsType<SuccessorResult.Already>(await _two.Replacements.ReplaceAsync(first.Id!, first, "again", Who, Ct));
        var refused = Assert.IsType<SuccessorResult.Refused>(await _two.Replacements.VoidAsync(first.Id!, "no", Who, Ct));

        Assert.Equal(made.ClaimId, again.ClaimId);
        Assert.Contains("go on with that one", refused.Why, StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Theory]
    [InlineData(ClaimStage.Ready, "was not sent yet")]
    [InlineData(ClaimStage.PayerRejected, "never adjudicated")]
    [InlineData(ClaimStage.Accepted, "has not decided")]
    [InlineData(ClaimStage.Appealed, "open appeal")]
    [InlineData(ClaimStage.Replaced, "that followed it")]
    public async Task A_claim_that_cannot_be_replaced_says_what_to_do_instead(string stage, string words)
    {
        var first = await _two.BillAsync();
        _two.SetStage(first, stage);
        var before = _two.Records.Snapshot;

        var refused = Assert.IsType<SuccessorResult.Refused>(await _two.Replacements.ReplaceAsync(first.Id!, null, "x", Who, Ct));

        Assert.Contains(words, refused.Why, StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task Without_the_payers_number_a_new_original_is_the_way()
    {
        var first = await _two.BillAsync();
        _two.SetStage(first, ClaimStage.Denied);

        var refused = Assert.IsType<SuccessorResult.Refused>(await _two.Replacements.ReplaceAsync(first.Id!, null, "x", Who, Ct));

        Assert.Contains("new original", refused.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Medicare_takes_no_replacement()
    {
        var two = new TwoPayers(payers: new PayerDirectory([new PayerProfile { PayerId = "ACME1", Family = PayerFamily.Commercial, AcceptsReplacement = false }]));
        var first = await PaidAsync(two);

        var refused = Assert.IsType<SuccessorResult.Refused>(await two.Replacements.ReplaceAsync(first.Id!, null, "x", Who, Ct));

        Assert.Contains("reopening", refused.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PCN000001", 0, "PCN000001R1")]
    [InlineData("PCN000001R1", 1, "PCN000001R2")]
    [InlineData("ABCDEFGHIJKLMNOPQRST", 0, "ABCDEFGHIJKLMNOPQRR1")]
    [InlineData("ABCDEFGHIJKLMNOPQRR9", 9, "ABCDEFGHIJKLMNOPQR10", "R10")]
    public void A_number_that_came_from_elsewhere_keeps_its_twenty_characters(string current, int version, string expected, string? ending = null)
    {
        var next = new ClaimKey("elsewhere", "cov", 1, version).NextControlNumber(current);

        Assert.True(next.Length <= 20);
        if (ending is null)
            Assert.Equal(expected, next);
        else
            Assert.EndsWith(ending, next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replacement_of_the_replacement_counts_on()
    {
        var first = await PaidAsync();
        var second = (SuccessorResult.Made)await _two.Replacements.ReplaceAsync(first.Id!, first, "again", Who, Ct);
        await _two.SendAsync();
        await _two.AnswerAsync(second.PatientControlNumber, "1", 100m, ["CAS*CO*45*52"]);

        var third = Assert.IsType<SuccessorResult.Made>(await _two.Replacements.ReplaceAsync(second.ClaimId, null, "once more", Who, Ct));

        Assert.Equal(PatientControlNumber.Of("visit", 1, 2), third.PatientControlNumber);
    }

    private Task<Claim> PaidAsync() => PaidAsync(_two);

    private static async Task<Claim> PaidAsync(TwoPayers two)
    {
        var claim = await two.BillAsync();
        await two.SendAsync();
        await two.AnswerAsync(claim.PatientControlNumber()!, "1", 100m, ["CAS*CO*45*52"]);
        return two.Records.Get<Claim>(claim.Id!);
    }
}
