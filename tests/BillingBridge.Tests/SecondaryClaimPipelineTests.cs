using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class SecondaryClaimPipelineTests
{
    // Charge 152: allowed 100, of which the payer pays 80 and leaves 20 to the patient.
    private static readonly string[] Paid = ["CAS*CO*45*52", "CAS*PR*2*20"];

    private readonly TwoPayers _two = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_that_is_due_for_the_next_payer_gets_its_claim_and_is_closed()
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);

        var made = Assert.IsType<NextClaimResult.Made>(Assert.Single(await _two.Secondary.RunAsync(Ct)));

        Assert.DoesNotContain(made.Findings, f => f.Severity == FindingSeverity.Reject);
        var second = _two.Records.Get<Claim>(made.ClaimId);
        Assert.Equal((ClaimStage.Ready, 152m, PatientControlNumber.Of("visit", 2)), (made.Stage, made.TotalUsd, made.PatientControlNumber));
        Assert.Equal("claim/visit/second/2/0", second.CreationKey());
        Assert.Equal(
            ["1 False Coverage/cov", "2 True Coverage/second"],
            second.Insurance.Select(i => $"{i.Sequence} {i.Focal} {i.Coverage!.Reference}"));
        Assert.Equal($"ClaimResponse/{_two.Records.All<ClaimResponse>().Single().Id}", second.Insurance[0].ClaimResponse!.Reference);
        Assert.Null(second.Insurance[1].ClaimResponse);
        Assert.Equal($"Claim/{first.Id}", second.Related.Single().Claim!.Reference);
        Assert.Equal("Organization/second", second.Insurer!.Reference);
        Assert.Equal($"{made.PatientControlNumber}-1", second.Item[0].LineControlNumber());
        Assert.Equal(first.Item[0].ChargeItem()!.Reference, second.Item[0].ChargeItem()!.Reference);
        Assert.DoesNotContain(second.Identifier, i => i.System!.StartsWith("urn:fhiremr:icn:", StringComparison.Ordinal) || i.System == BillingUrls.Batch);
        Assert.Equal(ClaimStage.Closed, _two.Records.Get<Claim>(first.Id!).Stage());
        Assert.Equal(["draft → ready"], _two.History(second));
        Assert.Equal("secondary-due → closed", _two.History(first).Last());
    }

    [Fact]
    public async Task Both_claims_change_in_one_commit_and_once()
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);
        var commits = _two.Records.Commits;

        await _two.Secondary.RunAsync(Ct);
        Assert.Equal(commits + 1, _two.Records.Commits);
        var after = _two.Records.Snapshot;
        Assert.Empty(await _two.Secondary.RunAsync(Ct));
        Assert.IsType<NextClaimResult.Already>(await _two.Secondary.BillNextAsync(first.Id!, BillingAgent.Reference, Ct));

        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_crash_there_is_one_claim_to_each_payer(bool isDurable)
    {
        await AnsweredAsync(_two, "1", 80m, Paid);
        void Crash() => throw new IOException("power is gone");
        if (isDurable)
            _two.Records.AfterCommit = Crash;
        else
            _two.Records.BeforeCommit = Crash;
        await Assert.ThrowsAsync<IOException>(() => _two.Secondary.RunAsync(Ct));
        (_two.Records.AfterCommit, _two.Records.BeforeCommit) = (null, null);

        await _two.Secondary.RunAsync(Ct);

        Assert.Equal(2, _two.Records.All<Claim>().Count());
        Assert.Equal(["closed", "ready"], _two.Records.All<Claim>().Select(c => c.Stage()).Order());
    }

    [Fact]
    public async Task Two_workers_make_one_claim()
    {
        await AnsweredAsync(_two, "1", 80m, Paid);
        var nested = false;
        _two.Records.BeforeCommit = () =>
        {
            if (nested)
                return;
            nested = true;
            _two.Secondary.RunAsync(Ct).GetAwaiter().GetResult();
        };

        await _two.Secondary.RunAsync(Ct);

        Assert.Equal(2, _two.Records.All<Claim>().Count());
    }

    [Fact]
    public async Task A_payer_that_sent_the_claim_on_itself_leaves_nothing_to_send()
    {
        var first = await AnsweredAsync(_two, "19", 80m, Paid);
        Assert.Equal(ClaimStage.PatientBalance, first.Stage());
        _two.SetStage(first, ClaimStage.SecondaryDue); // as an import or a person may leave it

        var result = Assert.IsType<NextClaimResult.NotDue>(Assert.Single(await _two.Secondary.RunAsync(Ct)));

        Assert.Contains("sent the claim on itself", result.Why, StringComparison.Ordinal);
        Assert.Equal(ClaimStage.PatientBalance, _two.Records.All<Claim>().Single().Stage());
    }

    [Fact]
    public async Task A_coverage_that_ended_before_the_visit_is_not_billed()
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);
        var coverage = _two.Records.Get<Coverage>("second");
        coverage.Period!.End = "2026-02-28";
        _two.Records.Put(coverage);

        Assert.IsType<NextClaimResult.NotDue>(Assert.Single(await _two.Secondary.RunAsync(Ct)));
        Assert.Equal(ClaimStage.PatientBalance, _two.Records.Get<Claim>(first.Id!).Stage());
    }

    [Fact]
    public async Task A_claim_that_the_rules_hold_waits_with_its_work()
    {
        await AnsweredAsync(_two, "1", 80m, Paid);
        var payer = _two.Records.Get<Organization>("second");
        payer.Identifier.Clear();
        _two.Records.Put(payer);

        var made = Assert.IsType<NextClaimResult.Made>(Assert.Single(await _two.Secondary.RunAsync(Ct)));

        Assert.Equal(ClaimStage.ScrubFailed, made.Stage);
        Assert.Contains(made.Findings, f => f.RuleId == "COV-006");
        Assert.Contains(_two.Records.All<FhirTask>(), t => t.Code!.Coding[0].Code == "fix-scrub" && t.Focus!.Reference == $"Claim/{made.ClaimId}");
    }

    [Fact]
    public async Task A_person_may_ask_for_the_next_payer_of_a_denied_claim()
    {
        var first = await AnsweredAsync(_two, "4", 0m, ["CAS*CO*197*152"]);
        Assert.Equal(ClaimStage.Denied, first.Stage());
        Assert.Empty(await _two.Secondary.RunAsync(Ct));

        Assert.IsType<NextClaimResult.Made>(await _two.Secondary.BillNextAsync(first.Id!, new ResourceReference("Practitioner/doc"), Ct));

        Assert.Equal(["denied → secondary-due", "secondary-due → closed"], _two.History(first).TakeLast(2));
    }

    [Fact]
    public async Task A_claim_still_with_its_payer_is_refused_with_what_to_wait_for()
    {
        var first = await _two.BillAsync();
        var before = _two.Records.Snapshot;

        var refused = Assert.IsType<NextClaimResult.Refused>(await _two.Secondary.BillNextAsync(first.Id!, BillingAgent.Reference, Ct));

        Assert.Contains("is ready", refused.Why, StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task Without_an_answer_a_person_is_asked_once()
    {
        var first = await _two.BillAsync();
        _two.SetStage(first, ClaimStage.SecondaryDue);

        await _two.Secondary.RunAsync(Ct);
        var after = _two.Records.Snapshot;
        await _two.Secondary.RunAsync(Ct);

        Assert.Equal(["secondary-claim"], _two.TaskCodes);
        Assert.Equal(after, _two.Records.Snapshot);
    }

    [Fact]
    public async Task A_corrected_answer_goes_into_the_claim_that_is_still_here()
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);
        await _two.Secondary.RunAsync(Ct);
        await _two.AnswerAsync(first.PatientControlNumber()!, "22", -80m, ["CAS*CO*45*-52", "CAS*PR*2*-20"], charge: -152m);
        await _two.AnswerAsync(first.PatientControlNumber()!, "1", 70m, ["CAS*CO*45*52", "CAS*PR*2*30"]);
        Assert.Equal(ClaimStage.SecondaryDue, _two.Records.Get<Claim>(first.Id!).Stage());

        Assert.IsType<NextClaimResult.Made>(Assert.Single(await _two.Secondary.RunAsync(Ct)));

        var second = _two.Claim(PatientControlNumber.Of("visit", 2));
        var told = second.Insurance[0].ClaimResponse!.Reference!["ClaimResponse/".Length..];
        Assert.Equal(70m, _two.Records.Get<ClaimResponse>(told).Payment!.Amount!.Value);
        Assert.Equal(2, _two.Records.All<Claim>().Count());
    }

    [Fact]
    public async Task A_corrected_answer_after_the_next_claim_went_out_is_work_for_a_person()
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);
        await _two.Secondary.RunAsync(Ct);
        await _two.SendAsync();
        await _two.AnswerAsync(first.PatientControlNumber()!, "22", -80m, ["CAS*CO*45*-52", "CAS*PR*2*-20"], charge: -152m);
        await _two.AnswerAsync(first.PatientControlNumber()!, "1", 70m, ["CAS*CO*45*52", "CAS*PR*2*30"]);

        Assert.IsType<NextClaimResult.Already>(Assert.Single(await _two.Secondary.RunAsync(Ct)));

        var task = Assert.Single(_two.Records.All<FhirTask>(), t => t.Code!.Coding[0].Code == "secondary-claim");
        Assert.Equal($"Claim/{_two.Claim(PatientControlNumber.Of("visit", 2)).Id}", task.Focus!.Reference);
        Assert.Equal(ClaimStage.Closed, _two.Records.Get<Claim>(first.Id!).Stage());
    }

    [Fact]
    public async Task The_837P_of_the_second_claim_says_what_the_first_payer_did()
    {
        await AnsweredAsync(_two, "1", 80m, ["CAS*CO*45*47**253*5*1", "CAS*PR*2*20"]);
        await _two.Secondary.RunAsync(Ct);

        var lines = (await _two.SendAsync()).Split("~\n");

        Assert.Contains("SBR*S*18*******CI", lines);
        Assert.Equal(
            [
                "SBR*P*18*******CI", "AMT*D*80", "OI***Y***Y", "NM1*IL*1*ABARA*CHIDI****MI*A1002003", "NM1*PR*2*ACME HEALTH PLAN*****PI*ACME1",
                "REF*F8*ICNACME11", "LX*1",
            ],
            lines.SkipWhile(l => !l.StartsWith("SBR*P", StringComparison.Ordinal)).Take(7));
        Assert.Equal(
            ["SVD*ACME1*80*HC:99213**1", "CAS*CO*45*47**253*5*1", "CAS*PR*2*20", "DTP*573*D8*20260310", "AMT*EAF*20"],
            lines.SkipWhile(l => !l.StartsWith("SVD", StringComparison.Ordinal)).Take(5));
    }

    [Fact]
    public async Task Adjustments_of_the_claim_stay_with_the_claim_and_still_add_up()
    {
        // The line is paid 80, less 30 that the payer took from the claim as a whole: CLP04 is 50.
        await AnsweredAsync(_two, "1", 50m, Paid, ofClaim: ["CAS*PR*1*30"]);
        await _two.Secondary.RunAsync(Ct);

        var lines = (await _two.SendAsync()).Split("~\n");

        Assert.Equal(["CAS*PR*1*30", "AMT*D*50"], lines.SkipWhile(l => !l.StartsWith("SBR*P", StringComparison.Ordinal)).Skip(1).Take(2));
        Assert.Contains("SVD*ACME1*80*HC:99213**1", lines);
    }

    [Fact]
    public async Task The_third_payer_is_told_of_both_before_it()
    {
        var three = new TwoPayers(hasThird: true);
        await AnsweredAsync(three, "1", 80m, Paid);
        await three.Secondary.RunAsync(Ct);
        await three.SendAsync();
        await three.AnswerAsync(PatientControlNumber.Of("visit", 2), "2", 15m, ["CAS*OA*23*132", "CAS*PR*2*5"], payer: "BETA2");
        Assert.Equal(ClaimStage.SecondaryDue, three.Claim(PatientControlNumber.Of("visit", 2)).Stage());

        var made = Assert.IsType<NextClaimResult.Made>(Assert.Single(await three.Secondary.RunAsync(Ct)));
        Assert.Equal((ClaimStage.Ready, "claim/visit/third/3/0"), (made.Stage, three.Records.Get<Claim>(made.ClaimId).CreationKey()));
        var lines = (await three.SendAsync()).Split("~\n");

        Assert.Contains("SBR*T*18*******CI", lines);
        Assert.Equal(
            ["SBR*T*18*******CI", "SBR*P*18*******CI", "AMT*D*80", "REF*F8*ICNACME11", "SBR*S*18*******CI", "AMT*D*15", "REF*F8*ICNBETA22"],
            lines.Where(l => l.StartsWith("SBR", StringComparison.Ordinal) || l.StartsWith("AMT*D", StringComparison.Ordinal) || l.StartsWith("REF*F8", StringComparison.Ordinal)));
        Assert.Equal(
            ["SVD*ACME1*80*HC:99213**1", "CAS*CO*45*52", "CAS*PR*2*20", "SVD*BETA2*15*HC:99213**1", "CAS*OA*23*132", "CAS*PR*2*5"],
            lines.Where(l => l.StartsWith("SVD", StringComparison.Ordinal) || l.StartsWith("CAS", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(20, "CAS*OA*23*132", ClaimStage.Closed)]
    [InlineData(15, "CAS*OA*23*132|CAS*PR*2*5", ClaimStage.PatientBalance)]
    [InlineData(0, "CAS*OA*23*132|CAS*CO*197*20", ClaimStage.Denied)]
    public async Task The_remittance_of_the_second_payer_posts_to_its_own_claim(int paid, string cas, string stage)
    {
        var first = await AnsweredAsync(_two, "1", 80m, Paid);
        await _two.Secondary.RunAsync(Ct);
        await _two.SendAsync();

        await _two.AnswerAsync(PatientControlNumber.Of("visit", 2), "2", paid, cas.Split('|'), payer: "BETA2");

        Assert.Equal(stage, _two.Claim(PatientControlNumber.Of("visit", 2)).Stage());
        Assert.Equal(ClaimStage.Closed, _two.Records.Get<Claim>(first.Id!).Stage());
    }

    private static async Task<Claim> AnsweredAsync(TwoPayers two, string status, decimal paid, string[] line, string[]? ofClaim = null)
    {
        var claim = await two.BillAsync();
        await two.SendAsync();
        await two.AnswerAsync(claim.PatientControlNumber()!, status, paid, line, ofClaim: ofClaim);
        return two.Records.Get<Claim>(claim.Id!);
    }
}
