using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Channels;

[Trait("Requirement", "R-24")]
public sealed class DeliveryPolicyTests
{
    private readonly SmallPractice _practice = new();
    private readonly ManualTime _time = new(SmallPractice.Now);
    private readonly BrokenChannel _hub = new();
    private readonly DeliveryPolicy _policy;

    public DeliveryPolicyTests() => _policy = new DeliveryPolicy(_time, () => 1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SubmissionPipeline Submission => new(_practice.Records, new RestedChannel(_hub, _policy), SmallPractice.Options, _time, _policy);

    [Fact]
    public void The_pause_doubles_up_to_an_hour_and_is_anything_below_it()
    {
        var longest = new DeliveryPolicy(_time, () => 1);
        Assert.Equal([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600], Enumerable.Range(1, 9).Select(n => (int)longest.DelayAfter(n).TotalSeconds));
        Assert.Equal(TimeSpan.Zero, new DeliveryPolicy(_time, () => 0).DelayAfter(5));
        Assert.Equal(TimeSpan.FromHours(1), longest.DelayAfter(int.MaxValue));
    }

    [Fact]
    public void A_destination_that_fails_three_times_rests_and_then_one_try_decides()
    {
        for (var n = 0; n < DeliveryPolicy.FailuresToOpen; n++)
        {
            Assert.Null(_policy.ClosedUntil("hub"));
            _policy.Failed("hub");
        }

        Assert.Equal(_time.Now.AddSeconds(30), _policy.ClosedUntil("hub"));
        Assert.Null(_policy.ClosedUntil("other"));

        _time.Now = _time.Now.AddSeconds(30);
        Assert.Null(_policy.ClosedUntil("hub")); // the one try
        Assert.NotNull(_policy.ClosedUntil("hub")); // nobody else meanwhile
        _policy.Failed("hub");
        Assert.Equal(_time.Now.AddSeconds(60), _policy.ClosedUntil("hub"));
        _policy.Succeeded("hub");
        Assert.Null(_policy.ClosedUntil("hub"));
    }

    [Fact]
    public async Task A_file_is_not_tried_before_its_time_and_goes_when_the_other_side_is_back()
    {
        await QueueAsync();

        var first = Assert.Single((await Submission.DispatchAsync(Ct)).Files);
        Assert.Equal("hub cannot be reached.", first.Problem);
        Assert.Empty((await Submission.DispatchAsync(Ct)).Files);
        Assert.Equal(1, _hub.Calls);

        _hub.IsDown = false;
        _time.Now = _time.Now.AddSeconds(30);
        Assert.True(Assert.Single((await Submission.DispatchAsync(Ct)).Files).IsSent);
        Assert.Equal("submitted", _practice.Stage("a1"));
        Assert.Empty(_practice.Records.All<DocumentReference>().Single().Extension);
        Assert.Empty(_practice.Records.All<FhirTask>());
    }

    [Fact]
    public async Task What_is_known_of_a_file_outlives_a_restart()
    {
        await QueueAsync();
        await Submission.DispatchAsync(Ct);

        var kept = Delivery.Of(_practice.Records.All<DocumentReference>().Single())!;

        Assert.Equal((1, _time.Now, _time.Now.AddSeconds(30), "hub cannot be reached."), (kept.Attempts, kept.First, kept.Next, kept.Problem));
        var fresh = new SubmissionPipeline(_practice.Records, _hub, SmallPractice.Options, _time);
        Assert.Empty((await fresh.DispatchAsync(Ct)).Files);
    }

    [Fact]
    public async Task After_a_day_a_file_is_work_for_a_person_and_is_sent_again_when_that_is_done()
    {
        await QueueAsync();
        for (var hour = 0; hour <= 25; hour++)
        {
            await Submission.DispatchAsync(Ct);
            _time.Now = _time.Now.AddHours(1);
        }

        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal(("undelivered", FhirTask.TaskStatus.Requested), (task.Code!.Coding[0].Code, task.Status));
        Assert.Equal(150m, ((Money)task.Input[0].Value).Value);
        Assert.Equal("queued", _practice.Stage("a1"));
        var calls = _hub.Calls;
        _hub.IsDown = false;
        Assert.Empty((await Submission.DispatchAsync(Ct)).Files);
        Assert.Equal(calls, _hub.Calls);

        task.Status = FhirTask.TaskStatus.Completed;
        _practice.Records.Put(task);
        Assert.True(Assert.Single((await Submission.DispatchAsync(Ct)).Files).IsSent);
        Assert.Equal("submitted", _practice.Stage("a1"));
        Assert.Single(_hub.Behind.Sent);
    }

    [Fact]
    public async Task A_poisoned_file_does_not_keep_the_others_waiting()
    {
        await QueueAsync();
        _hub.IsDown = false;
        _hub.Behind.Sent[Outbox.FileName(_practice.Records.All<DocumentReference>().Single())] = [1, 2, 3];
        await Submission.DispatchAsync(Ct);
        _practice.AddClaim("a2");
        await Submission.BatchReadyClaimsAsync(Ct);

        Assert.True(Assert.Single((await Submission.DispatchAsync(Ct)).Files).IsSent);
        Assert.Equal(("queued", "submitted"), (_practice.Stage("a1"), _practice.Stage("a2")));
    }

    private async Task QueueAsync()
    {
        _practice.AddClaim("a1");
        Assert.Single((await Submission.BatchReadyClaimsAsync(Ct)).Batches);
    }
}
