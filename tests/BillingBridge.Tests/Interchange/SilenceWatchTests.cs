using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange;

public sealed class SilenceWatchTests
{
    private readonly SmallPractice _practice = new();
    private readonly MemoryChannel _channel = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_without_any_answer_is_work_once_and_is_not_sent_again()
    {
        await SubmitAsync();
        Assert.Empty(await _practice.Submission(_channel).ReportSilenceAsync(Ct)); // made just now

        Age(hours: 25);
        Assert.Equal(["B1"], await _practice.Submission(_channel).ReportSilenceAsync(Ct));
        Assert.Equal(["B1"], await _practice.Submission(_channel).ReportSilenceAsync(Ct));

        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal("no-response", task.Code!.Coding[0].Code);
        Assert.Contains("for 24 hours", task.Description, StringComparison.Ordinal);
        Assert.Equal(300m, task.Input.Select(i => i.Value).OfType<Money>().Single().Value);
        Assert.Single(_channel.Sent);
        Assert.Equal(ClaimStage.Submitted, _practice.Stage("a1"));
    }

    [Fact]
    public async Task An_answered_file_is_not_silent()
    {
        await SubmitAsync();
        Age(hours: 25);
        await _practice.Submission(_channel).ApplyAcknowledgementAsync(
            new MemoryStream(Encoding.ASCII.GetBytes(Fixtures.File999(["AK1*HC*1*005010X222A1", "AK9*A*1*1*1"]))), Ct);

        Assert.Empty(await _practice.Submission(_channel).ReportSilenceAsync(Ct));
    }

    [Fact]
    public async Task It_looks_once_an_hour()
    {
        await SubmitAsync();
        var submission = _practice.Submission(_channel);
        await submission.ReportSilenceAsync(Ct);
        Age(hours: 25);

        Assert.Empty(await submission.ReportSilenceAsync(Ct));
    }

    private async Task SubmitAsync()
    {
        _practice.AddClaim("a1");
        _practice.AddClaim("a2");
        var submission = _practice.Submission(_channel);
        await submission.BatchReadyClaimsAsync(Ct);
        await submission.DispatchAsync(Ct);
    }

    private void Age(int hours)
    {
        var file = _practice.Records.All<DocumentReference>().Single();
        file.Date = SmallPractice.Now.AddHours(-hours);
        _practice.Records.Put(file);
    }
}
