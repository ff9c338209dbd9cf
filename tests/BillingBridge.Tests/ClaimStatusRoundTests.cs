using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Status;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class ClaimStatusRoundTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fhir-emr-status-");
    private readonly SmallPractice _practice = new();
    private readonly ManualTime _time = new(SmallPractice.Now);
    private readonly FolderChannel _channel;

    public ClaimStatusRoundTests() => _channel = new FolderChannel(_folder.FullName, ChannelKind.Mock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private ClaimStatusPipeline Pipeline => new(_practice.Records, SmallPractice.Options, _time);

    private ClaimStatusRound Round => new(_practice.Records, Pipeline, new PayerDirectory(), _time);

    private SubmissionPipeline Submission => new(_practice.Records, _channel, SmallPractice.Options, _time);

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("submitted", "2026-04-06", StatusDue.None)] // Wed 1 April, then Thu, Fri, Mon: the third business day
    [InlineData("submitted", "2026-04-07", StatusDue.NoAcknowledgement)]
    [InlineData("forwarded", "2026-04-07", StatusDue.NoAcknowledgement)]
    [InlineData("accepted", "2026-04-07", StatusDue.None)]
    [InlineData("accepted", "2026-05-11", StatusDue.None)] // 30 days to pay and 10 of grace
    [InlineData("accepted", "2026-05-12", StatusDue.NoAnswer)]
    [InlineData("pended", "2026-05-12", StatusDue.NoAnswer)]
    [InlineData("submitted", "2026-05-12", StatusDue.NoAnswer)]
    [InlineData("paid", "2026-12-31", StatusDue.None)]
    [InlineData("ready", "2026-12-31", StatusDue.None)]
    public void Silence_is_too_long_by_stage_and_payer(string stage, string today, StatusDue due) =>
        Assert.Equal(due, StatusDueDays.Of(stage, new DateOnly(2026, 4, 1), DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture), 30));

    [Fact]
    public async Task A_claim_nobody_acknowledged_is_work_once_and_done_when_it_moves_on()
    {
        await SubmitAsync("a1");
        _time.Now = _time.Now.AddDays(7);

        Assert.Equal((1, 1, 0), Figures(await Round.RunAsync(Ct)));
        var before = _practice.Records.Snapshot;
        await Round.RunAsync(Ct);
        Assert.Equal(before, _practice.Records.Snapshot);
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal(("no-response", "Claim/a1", 150m), (task.Code!.Coding[0].Code, task.Focus!.Reference, ((Money)task.Input[0].Value).Value));

        _practice.SetStage("a1", ClaimStage.Accepted);
        Assert.Equal(1, (await Round.RunAsync(Ct)).Ended);
        Assert.Equal(FhirTask.TaskStatus.Completed, _practice.Records.Get<FhirTask>(task.Id!).Status);
    }

    [Fact]
    public async Task A_claim_nobody_paid_is_work_and_is_asked_about_once_a_week()
    {
        await SubmitAsync("a1");
        _practice.SetStage("a1", ClaimStage.Accepted);
        _time.Now = _time.Now.AddDays(41);

        Assert.Equal((1, 1, 1), Figures(await Round.RunAsync(Ct)));
        _time.Now = _time.Now.AddDays(6);
        Assert.Equal((1, 1, 0), Figures(await Round.RunAsync(Ct)));
        _time.Now = _time.Now.AddDays(1);
        Assert.Equal((1, 1, 1), Figures(await Round.RunAsync(Ct)));
        Assert.Equal(["no-response"], _practice.TaskCodes);
    }

    [Theory]
    [InlineData("PEND001", "P1:46", "pended")]
    [InlineData("M100200", "F1:65", "accepted")]
    public async Task The_status_is_asked_and_told(string memberId, string code, string stage)
    {
        await SubmitAsync("a1", memberId);
        _practice.SetStage("a1", ClaimStage.Accepted);
        var check = new ClaimStatusCheck(_practice.Records, Pipeline, ExchangeAsync, _time);

        var answered = Assert.IsType<ClaimStatusResult.Answered>(await check.RunAsync("a1", false, Ct));

        Assert.Equal((stage, $"277 {code}"), (answered.Stage, answered.Response.Disposition));
        Assert.Equal(stage, _practice.Stage("a1"));
    }

    [Fact]
    public async Task A_claim_that_was_not_sent_has_no_status_and_one_whose_question_is_open_is_not_asked_twice()
    {
        _practice.AddClaim("a0");
        var check = new ClaimStatusCheck(_practice.Records, Pipeline, _ => Task.CompletedTask, _time);
        Assert.Equal(new ClaimStatusResult.NotSent("ready"), await check.RunAsync("a0", false, Ct));
        Assert.IsType<ClaimStatusResult.NoSuchClaim>(await check.RunAsync("nobody", false, Ct));

        await SubmitAsync("a1");
        Assert.IsType<ClaimStatusResult.Waiting>(await check.RunAsync("a1", false, Ct));
        Assert.IsType<ClaimStatusResult.Waiting>(await check.RunAsync("a1", true, Ct));
        Assert.Single(_practice.Records.All<DocumentReference>(), d => d.Type!.Coding[0].Code == "276");
    }

    private static (int Claims, int Silent, int Asked) Figures(ClaimStatusRoundResult result) => (result.Claims, result.Silent, result.Asked);

    private async Task SubmitAsync(string id, string memberId = "M100200")
    {
        _practice.AddClaim(id, memberId);
        var other = new SubmissionPipeline(_practice.Records, new MemoryChannel(), SmallPractice.Options, _time);
        await other.BatchReadyClaimsAsync(Ct);
        await other.DispatchAsync(Ct);
        if (_practice.Records.All<Claim>().Any(c => c.Id == "a0"))
            _practice.SetStage("a0", ClaimStage.Draft);
    }

    private async Task ExchangeAsync(CancellationToken ct)
    {
        await Submission.DispatchAsync(ct);
        await new ScriptedPayer(_channel, new MockScript(), _time).AnswerAllAsync(ct);
        Assert.All(await new InboundPipeline(_channel, Submission, new RemittancePipeline(_practice.Records, _time)).ReceiveAsync(ct), r => Assert.False(r.IsRefused, r.FileName));
    }
}
