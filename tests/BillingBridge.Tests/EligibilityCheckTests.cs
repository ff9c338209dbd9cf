using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.MockPayer;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using Purpose = Hl7.Fhir.Model.CoverageEligibilityRequest.EligibilityRequestPurpose;

namespace FhirEmr.BillingBridge.Tests;

/// <summary>Against the mock payer, over a real folder: the way a question goes in the demo.</summary>
public sealed class EligibilityCheckTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fhir-emr-eligibility-");
    private readonly SmallPractice _practice = new();
    private readonly ManualTime _time = new(SmallPractice.Now);
    private readonly FolderChannel _channel;
    private bool _isDown;

    public EligibilityCheckTests() => _channel = new FolderChannel(_folder.FullName, ChannelKind.Mock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private EligibilityPipeline Pipeline => new(_practice.Records, SmallPractice.Options, _time);

    private EligibilityCheck Check => new(_practice.Records, Pipeline, ExchangeAsync, _time);

    /// <summary>Files with a question that went out or wait for it.</summary>
    private int Questions => _practice.Records.All<DocumentReference>().Count(d => d.Type?.Coding.Exists(c => c.Code == "270") == true);

    private EligibilityRound Round => new(_practice.Records, Pipeline, _time, TimeZoneInfo.Utc);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_payers_answer_comes_at_once_in_words()
    {
        var answered = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1"), false, Ct));

        Assert.False(answered.IsKept);
        Assert.Equal(
            "Active since Jan 1. Office visit copay $30. Coinsurance 20%. Deductible $412 left of $1,500. Out-of-pocket $3,100 left of $5,000. Authorization not needed. The payer says: REFERRAL NOT REQUIRED.",
            answered.Response.Disposition);
        Assert.Equal("2026-04-01T08:00:00Z", answered.Response.Created);
        Assert.Empty(_practice.Records.All<FhirTask>());
    }

    [Fact]
    public async Task An_answer_is_kept_a_day_with_its_age_and_asked_again_when_wanted()
    {
        var question = Question("a1");
        await Check.SubmitAsync(question, false, Ct);
        _time.Now = _time.Now.AddHours(23);
        var before = _practice.Records.Snapshot;

        var kept = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(question, false, Ct));
        Assert.Equal((true, TimeSpan.FromHours(23)), (kept.IsKept, kept.Age));
        Assert.Equal(before, _practice.Records.Snapshot);

        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1"), refresh: true, Ct)).IsKept);
        Assert.Equal(2, _practice.Records.All<CoverageEligibilityResponse>().Count());
        Assert.Single(_practice.Records.All<CoverageEligibilityRequest>());

        _time.Now = _time.Now.AddHours(24);
        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1"), false, Ct)).IsKept);
    }

    [Fact]
    public async Task Another_day_or_service_is_another_question()
    {
        await Check.SubmitAsync(Question("a1"), false, Ct);
        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", day: "2026-05-01"), false, Ct)).IsKept);
        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", service: "PT"), false, Ct)).IsKept);
        Assert.Equal(3, _practice.Records.All<CoverageEligibilityRequest>().Count());
    }

    [Fact]
    public async Task When_the_payer_is_down_the_question_waits_with_a_task_and_the_last_answer_stays()
    {
        await Check.SubmitAsync(Question("a1"), false, Ct);
        (_isDown, _time.Now) = (true, _time.Now.AddHours(30));

        var waiting = Assert.IsType<EligibilityCheckResult.Waiting>(await Check.SubmitAsync(Question("a1"), false, Ct));
        Assert.Equal("2026-04-01T08:00:00Z", waiting.Last!.Created);
        var task = Assert.Single(_practice.Records.All<FhirTask>());
        Assert.Equal((task.Id, "verify-eligibility"), (waiting.TaskId, task.Code!.Coding[0].Code));

        // Asked again meanwhile: the same question, the same task.
        var again = Assert.IsType<EligibilityCheckResult.Waiting>(await Check.SubmitAsync(Question("a1"), refresh: true, Ct));
        Assert.Equal(waiting.TaskId, again.TaskId);
        Assert.Equal(2, Questions);

        (_isDown, _time.Now) = (false, _time.Now.AddHours(1));
        var answered = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1"), false, Ct));
        Assert.False(answered.IsKept);
        Assert.Equal(FhirTask.TaskStatus.Completed, _practice.Records.Get<FhirTask>(task.Id!).Status);
        Assert.Equal(2, Questions);
    }

    [Fact]
    public async Task A_payer_that_says_nothing_leaves_a_task_and_is_not_asked_the_same_at_once()
    {
        var first = await Check.SubmitAsync(Question("a1", "SILENT001"), false, Ct);
        var second = await Check.SubmitAsync(Question("a1", "SILENT001"), false, Ct);

        Assert.Contains("has not answered yet", Assert.IsType<EligibilityCheckResult.Waiting>(first).Why, StringComparison.Ordinal);
        Assert.IsType<EligibilityCheckResult.Waiting>(second);
        Assert.Single(_practice.Records.All<DocumentReference>());
        Assert.Single(_practice.Records.All<FhirTask>());
    }

    public static TheoryData<string> Rejections => [.. MockRejection.All.Select(r => r.Reason)];

    /// <summary>Each reason of the billing spec (2.5) at the level it belongs to, through the file and back.</summary>
    [Theory]
    [MemberData(nameof(Rejections))]
    public async Task Each_reason_of_a_rejection_comes_back_in_words_with_what_to_do(string reason)
    {
        var answered = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", $"AAA{reason}0001"), false, Ct));

        var error = Assert.Single(answered.Response.Error);
        var followUp = MockRejection.All.Single(r => r.Reason == reason).FollowUp;
        Assert.Equal((ClaimProcessingCodes.Error, reason, followUp), (answered.Response.Outcome, error.Code.Coding.Single().Code, error.GetExtensionValue<Code>(EligibilityUrls.FollowUp)?.Value));
        Assert.DoesNotContain("rejection reason", error.Code.Text!, StringComparison.OrdinalIgnoreCase); // every reason has words
        Assert.EndsWith($": {RejectionReasons.FollowUp(followUp)}", error.Code.Text, StringComparison.Ordinal);
        Assert.Equal(error.Code.Text, answered.Response.Disposition);
        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", $"AAA{reason}0001"), false, Ct)).IsKept);
    }

    [Theory]
    [InlineData("C", "correct and resend")]
    [InlineData("N", "do not resend")]
    [InlineData("P", "resend the original later")]
    [InlineData("R", "resend")]
    [InlineData("S", "do not resend: an answer will come")]
    [InlineData("W", "wait 30 days and resend")]
    [InlineData("X", "wait 10 days and resend")]
    [InlineData("Y", "do not resend: the payer holds the request and will answer")]
    public async Task Each_follow_up_of_a_rejection_is_said(string code, string words)
    {
        var answered = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", $"AAA42{code}001"), false, Ct));

        Assert.Equal($"The payer's system cannot answer now: {words}", answered.Response.Disposition);
    }

    [Fact]
    public void The_docs_list_every_member_id_that_a_question_is_answered_by()
    {
        var docs = File.ReadAllText(Path.Combine(Root(), "docs", "mock-payer.md"));
        Assert.All(MockCoverages.Prefixes.Keys, prefix => Assert.Contains($"| `{prefix}` |", docs, StringComparison.Ordinal));
        Assert.All(MockRejection.All, r => Assert.Contains($"| `AAA{r.Reason}` | {RejectionReasons.Reason(r.Reason)} | {r.FollowUp} |", docs, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rejection_says_what_to_correct_and_is_not_kept()
    {
        var answered = Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", "BIRTH0001"), false, Ct));
        Assert.Equal((ClaimProcessingCodes.Error, "The birth date does not match the payer's: correct and resend"), (answered.Response.Outcome, answered.Response.Disposition));

        Assert.False(Assert.IsType<EligibilityCheckResult.Answered>(await Check.SubmitAsync(Question("a1", "BIRTH0001"), false, Ct)).IsKept);
    }

    [Fact]
    public async Task What_cannot_be_asked_is_named()
    {
        var question = Question("a1");
        question.Provider = null;

        var problem = Assert.Single(Assert.IsType<EligibilityCheckResult.NotAsked>(await Check.SubmitAsync(question, false, Ct)).Problems);
        Assert.Equal("CoverageEligibilityRequest.provider", problem.Expression);
        Assert.IsType<EligibilityCheckResult.NoSuchRequest>(await Check.SubmitAsync("nobody", false, Ct));
    }

    [Theory]
    [InlineData("M100200", null)]
    [InlineData("ENDED001", "verify-eligibility")]
    [InlineData("UNKNOWN1", "verify-eligibility")]
    [InlineData("OTHERPAYER1", "verify-eligibility")]
    [InlineData("AUTHNEED1", "obtain-auth")]
    public async Task The_night_makes_work_of_problems_only(string memberId, string? code)
    {
        Appoint("v1", "a1", memberId, "2026-04-02");

        Assert.Equal(new EligibilityRoundResult(1, 1, 0), await Round.RunAsync(Ct));
        await ExchangeAsync(Ct);

        Assert.Single(_practice.Records.All<CoverageEligibilityResponse>());
        Assert.Equal(code is null ? [] : [code], _practice.TaskCodes);
    }

    [Fact]
    public async Task The_night_run_again_changes_nothing_and_asks_once_more_the_day_before()
    {
        Appoint("v1", "a1", "M100200", "2026-04-04");
        await Round.RunAsync(Ct);
        var before = _practice.Records.Snapshot;
        Assert.Equal(0, (await Round.RunAsync(Ct)).Asked);
        Assert.Equal(before, _practice.Records.Snapshot);
        await ExchangeAsync(Ct);

        _time.Now = _time.Now.AddDays(1);
        Assert.Equal(0, (await Round.RunAsync(Ct)).Asked);
        _time.Now = _time.Now.AddDays(1);
        Assert.Equal(1, (await Round.RunAsync(Ct)).Asked);
        Assert.Single(_practice.Records.All<CoverageEligibilityRequest>());
    }

    [Fact]
    public async Task The_night_cut_short_between_storing_and_asking_is_finished_by_the_next()
    {
        Appoint("v1", "a1", "M100200", "2026-04-02");
        var commits = 0;
        _practice.Records.BeforeCommit = () =>
        {
            if (++commits == 2)
                throw new TimeoutException("killed");
        };
        await Assert.ThrowsAsync<TimeoutException>(() => Round.RunAsync(Ct));
        Assert.Empty(_practice.Records.All<DocumentReference>());
        _practice.Records.BeforeCommit = null;

        Assert.Equal(1, (await Round.RunAsync(Ct)).Asked);
        Assert.Single(_practice.Records.All<CoverageEligibilityRequest>());
    }

    [Fact]
    public async Task The_night_tells_of_visits_without_coverage_and_of_coverages_that_cannot_be_asked_about()
    {
        Appoint("v1", "a1", "M100200", "2026-04-02", c => c.Period = new Period { End = "2026-03-31" });
        Appoint("v2", "a2", "", "2026-04-02", c => (c.SubscriberId, c.Identifier) = (null, []));
        var patient = _practice.Records.Get<Patient>("p-a2");
        patient.BirthDate = null;
        _practice.Records.Put(patient);
        Appoint("v3", "a3", "M100200", "2026-04-20");

        Assert.Equal(new EligibilityRoundResult(2, 0, 2), await Round.RunAsync(Ct));
        await Round.RunAsync(Ct);

        Assert.Equal(["Appointment/v1", "CoverageEligibilityRequest"], _practice.Records.All<FhirTask>().Select(t => t.Focus!.Reference!.StartsWith("Coverage", StringComparison.Ordinal) ? "CoverageEligibilityRequest" : t.Focus.Reference).Order());
        Assert.All(_practice.Records.All<FhirTask>(), t => Assert.Equal("2026-04-02", t.Restriction!.Period!.End));
    }

    private void Appoint(string id, string claim, string memberId, string day, Action<Coverage>? change = null)
    {
        _practice.AddClaim(claim, memberId, changeCoverage: change);
        _practice.Records.Put(new PractitionerRole { Id = "employment", Practitioner = new ResourceReference("Practitioner/doctor"), Organization = new ResourceReference("Organization/clinic") });
        _practice.Records.Put(new Appointment
        {
            Id = id,
            Status = Appointment.AppointmentStatus.Booked,
            Start = DateTimeOffset.Parse($"{day}T15:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
            Participant =
            [
                new() { Actor = new ResourceReference($"Patient/p-{claim}"), Status = ParticipationStatus.Accepted },
                new() { Actor = new ResourceReference("Practitioner/doctor"), Status = ParticipationStatus.Accepted },
            ],
        });
    }

    private CoverageEligibilityRequest Question(string id, string memberId = "M100200", string day = "2026-04-01", string service = "98")
    {
        _practice.AddClaim(id, memberId);
        return new CoverageEligibilityRequest
        {
            Status = FinancialResourceStatusCodes.Active,
            Purpose = [Purpose.Validation, Purpose.Benefits],
            Patient = new ResourceReference($"Patient/p-{id}"),
            Created = "2026-04-01",
            Serviced = new Date(day),
            Provider = new ResourceReference("Organization/clinic"),
            Insurer = new ResourceReference("Organization/payer"),
            Insurance = [new() { Focal = true, Coverage = new ResourceReference($"Coverage/c-{id}") }],
            Item = [new() { Category = new CodeableConcept(EligibilityUrls.ServiceType, service) }],
        };
    }

    private async Task ExchangeAsync(CancellationToken ct)
    {
        IPayerChannel channel = _isDown ? new BrokenChannel() : _channel;
        var submission = new SubmissionPipeline(_practice.Records, channel, SmallPractice.Options, _time, new DeliveryPolicy(_time, () => 1));
        await submission.DispatchAsync(ct);
        if (_isDown)
            return;
        await new ScriptedPayer(_channel, new MockScript(), _time).AnswerAllAsync(ct);
        var received = await new InboundPipeline(_channel, submission, new RemittancePipeline(_practice.Records, _time), Pipeline).ReceiveAsync(ct);
        Assert.All(received, r => Assert.False(r.IsRefused, r.FileName));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
