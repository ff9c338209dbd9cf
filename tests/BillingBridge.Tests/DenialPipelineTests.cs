using System.Text;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.BillingBridge.Tests.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class DenialPipelineTests
{
    private readonly SmallPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DenialPipeline Pipeline => new(_practice.Records, new BillingSetup(), SmallPractice.Time);

    [Fact]
    public async Task A_denial_carries_what_is_needed_to_work_it()
    {
        await DenyAsync("a1", "CO*4");

        var task = Denial("a1");
        var denied = Assert.Single(DeniedAmount.Of(task));
        Assert.Equal(("CO", "4", 120m, 1, "99213"), (denied.Group, denied.Carc, denied.AmountUsd, denied.Item!.Value, denied.Code));
        Assert.Equal(["25"], denied.Modifiers);
        Assert.Equal("coders", task.PerformerType.Single().Coding[0].Code);
        Assert.Equal(new DenialLimits(new DateOnly(2026, 4, 20).AddDays(180), new DateOnly(2026, 4, 20).AddDays(180)), DenialInputs.Limits(task));
        Assert.Equal("Organization/payer", DenialInputs.Payer(task));
        Assert.Equal("Practitioner/doctor", DenialInputs.Rendering(task));
        Assert.Equal(DenialStep.Replace, DenialInputs.NextStep(task));
        Assert.Equal(
            "First Mutual denied 120.00 on line 1 (99213-25): modifier missing or inconsistent (CO-4). By the group code the patient may not be billed for it. "
            + "Next: correct and replace the claim (Claim/$replace); first: correct modifier, replace. No closed denial here for this reason yet. Correct until 2026-10-17, appeal until 2026-10-17.",
            task.Description);
        Assert.Contains(task.Input, i => i.Type!.Coding[0].Code == "caught-by" && ((Code)i.Value!).Value == "MOD-*");
    }

    [Fact]
    public async Task A_denied_visit_beside_a_procedure_lacks_modifier_25()
    {
        await DenyAsync("a1", "CO*97", c => (c.Item[0].Modifier, c.Item[1].ProductOrService) = ([], new CodeableConcept(Terminology.CodeSystemUrls.Cpt, "20610")), visit: "99213", other: "20610");

        var denied = Assert.Single(DeniedAmount.Of(Denial("a1")));
        Assert.Equal(("missing modifier 25", "MOD-004"), (denied.Cause, denied.ScrubRule));
        Assert.Contains("missing modifier 25", Denial("a1").Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denial_by_contract_is_reviewed_like_an_underpayment()
    {
        await DenyAsync("a1", "CO*256");

        Assert.Equal(["underpayment"], _practice.TaskCodes);
    }

    [Fact]
    public async Task An_unprocessable_claim_has_no_appeal()
    {
        await DenyAsync("a1", "CO*16", remark: "MA130");

        var task = Denial("a1");
        Assert.Null(DenialInputs.Limits(task).AppealBy);
        Assert.Equal(DenialStep.Resend, DenialInputs.NextStep(task));
        Assert.Contains("MA130", Assert.IsType<DenialResult.Refused>(await AppealAsync(task)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_appeal_is_record_letter_enclosures_and_stage_in_one_commit()
    {
        AddVisit();
        await DenyAsync("a1", "CO*50", c => c.Item.ForEach(i => i.Encounter = [new ResourceReference("Encounter/visit")]));
        var commits = _practice.Records.Commits;

        var appeal = Assert.IsType<DenialResult.Done>(await AppealAsync(Denial("a1"))).Task;

        Assert.Equal(commits + 1, _practice.Records.Commits);
        Assert.Equal(("appeal", "Claim/a1", 1), (appeal.Code!.Coding[0].Code, appeal.Focus!.Reference, DenialInputs.Level(appeal)));
        Assert.Equal("2026-10-17", appeal.Restriction!.Period!.End);
        Assert.Equal(ClaimStage.Appealed, _practice.Stage("a1"));
        Assert.Equal("denied → appealed", _practice.History("a1").Last());
        Assert.Equal(FhirTask.TaskStatus.OnHold, Denial("a1").Status);
        Assert.Equal(["Composition/note"], DenialInputs.Attachments(appeal));

        var document = _practice.Records.All<DocumentReference>().Single();
        Assert.Equal($"DocumentReference/{document.Id}", DenialInputs.Letter(appeal));
        var letter = Encoding.UTF8.GetString(_practice.Records.Get<Binary>(document.Content[0].Attachment!.Url!["Binary/".Length..]).Data!);
        Assert.Contains("First Mutual", letter, StringComparison.Ordinal);
        Assert.Contains("Patient: Rowan Lee Doe, born 1970-01-01", letter, StringComparison.Ordinal);
        Assert.Contains("Your claim number: FM9001", letter, StringComparison.Ordinal);
        Assert.Contains("- 120.00 on line 1 (99213-25): not medically necessary (CO-50)", letter, StringComparison.Ordinal);
        Assert.Contains("- J06.9", letter, StringComparison.Ordinal);
        Assert.Contains("\"Throat pain for nine days & fever, culture taken.\"", letter, StringComparison.Ordinal);
        Assert.Contains("- Body temperature: 39.2 Cel", letter, StringComparison.Ordinal);
        Assert.DoesNotContain("{", letter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Appealing_twice_changes_nothing()
    {
        await DenyAsync("a1", "CO*50");
        var first = Assert.IsType<DenialResult.Done>(await AppealAsync(Denial("a1"))).Task;
        var before = _practice.Records.Snapshot;

        Assert.Equal(first.Id, Assert.IsType<DenialResult.Done>(await AppealAsync(Denial("a1"))).Task.Id);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_late_appeal_says_so_and_needs_a_good_cause()
    {
        await DenyAsync("a1", "CO*50", date: "20250901");
        var task = Denial("a1");
        var before = _practice.Records.Snapshot;

        Assert.Equal("The limit for appeal level 1 passed on 2026-02-28. With a good cause say it in goodCause; the letter will.", Assert.IsType<DenialResult.Refused>(await AppealAsync(task)).Why);
        Assert.Equal(before, _practice.Records.Snapshot);
        Assert.IsType<DenialResult.Done>(await AppealAsync(task, new(null, "The payer's mail was returned.", null, null)));
        var letter = Encoding.UTF8.GetString(_practice.Records.All<Binary>().Single().Data!);
        Assert.Contains("for good cause: The payer's mail was returned.", letter, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_records_of_this_patient_are_enclosed()
    {
        AddVisit();
        await DenyAsync("a1", "CO*50");
        _practice.Records.Put(new Composition { Id = "other", Status = CompositionStatus.Final, Subject = new ResourceReference("Patient/else"), Title = "Note", Date = "2026-03-30" });

        Assert.Contains("not about the patient", Assert.IsType<DenialResult.Refused>(await AppealAsync(Denial("a1"), new(null, null, null, ["Composition/other"]))).Why, StringComparison.Ordinal);
        Assert.Contains("cannot be enclosed", Assert.IsType<DenialResult.Refused>(await AppealAsync(Denial("a1"), new(null, null, null, ["Composition/none"]))).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SVC*HC:99213:25*120*80**1|CAS*CO*45*40", "80", "overturned", 80)]
    [InlineData("SVC*HC:99213:25*120*0**1|CAS*CO*193*120", "0", "upheld", 0)]
    [InlineData("SVC*HC:99213:25*120*50**1|CAS*CO*50*70", "50", "partial", 50)]
    public async Task The_answer_to_an_appeal_ends_it_with_its_outcome(string lines, string paid, string outcome, int won)
    {
        await DenyAsync("a1", "CO*50");
        await AppealAsync(Denial("a1"));
        await PostAsync("PCNA1", paid == "0" ? "4" : "1", paid, lines.Split('|'), trace: "E90");

        var ended = _practice.Records.All<FhirTask>().Where(t => t.Status == FhirTask.TaskStatus.Completed).ToList();
        Assert.Equal(["appeal", "denial-medical-necessity"], ended.Select(t => t.Code!.Coding[0].Code!).Order());
        Assert.All(ended, t => Assert.Equal((outcome, "appeal", (decimal)won), (DenialOutputs.Outcome(t), DenialOutputs.Step(t), DenialOutputs.AmountUsd(t)!.Value)));
        if (outcome == "upheld")
            Assert.Contains("denial-appeal-outcome", _practice.TaskCodes);
    }

    [Fact]
    public async Task The_next_level_runs_from_the_decision_on_the_first()
    {
        await DenyAsync("a1", "CO*50");
        await AppealAsync(Denial("a1"));
        await PostAsync("PCNA1", "4", "0", ["SVC*HC:99213:25*120*0**1", "CAS*CO*193*120"], trace: "E90", date: "20260520");

        var upheld = _practice.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "denial-appeal-outcome");
        Assert.Equal(new DateOnly(2026, 5, 20).AddDays(60), DenialInputs.Limits(upheld).AppealBy);
        var second = Assert.IsType<DenialResult.Done>(await AppealAsync(upheld)).Task;
        Assert.Equal((2, "2026-07-19"), (DenialInputs.Level(second), second.Restriction!.Period!.End));
        await PostAsync("PCNA1", "4", "0", ["SVC*HC:99213:25*120*0**1", "CAS*CO*193*120"], trace: "E91", date: "20260620");
        var last = _practice.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "denial-appeal-outcome" && DenialOutputs.IsOpen(t));
        Assert.Contains("all were used", Assert.IsType<DenialResult.Refused>(await AppealAsync(last)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paid_replacement_ends_the_denial_and_says_what_was_corrected()
    {
        await DenyAsync("a1", "CO*4");
        Replacement("a1", "a1r", r => r.Item[0].Modifier.Add(new CodeableConcept(Terminology.CodeSystemUrls.Cpt, "59")));
        await PostAsync("PCNA1R", "1", "80", ["SVC*HC:99213:25:59*120*80**1", "CAS*CO*45*40"], trace: "E91");

        var task = Denial("a1");
        Assert.Equal(("overturned", "replace-modifier", 80m), (DenialOutputs.Outcome(task), DenialOutputs.Step(task), DenialOutputs.AmountUsd(task)!.Value));
        await DenyAsync("a2", "CO*4");
        Assert.Contains("Here: resubmitted with modifier: 1 of 1 paid.", Denial("a2").Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_the_replacement_leaves_out_was_not_won()
    {
        await DenyAsync("a1", "CO*4");
        Replacement("a1", "a1r", r => r.Item.RemoveAt(0));
        await PostAsync("PCNA1R", "1", "20", ["SVC*HC:87880*30*20**1", "CAS*CO*45*10"], trace: "E91", charge: 30);

        Assert.Equal("upheld", DenialOutputs.Outcome(Denial("a1")));
    }

    [Fact]
    public async Task Posting_the_same_file_again_changes_no_outcome()
    {
        await DenyAsync("a1", "CO*50");
        await AppealAsync(Denial("a1"));
        await PostAsync("PCNA1", "1", "80", ["SVC*HC:99213:25*120*80**1", "CAS*CO*45*40"], trace: "E90");
        var before = _practice.Records.Snapshot;
        await PostAsync("PCNA1", "1", "80", ["SVC*HC:99213:25*120*80**1", "CAS*CO*45*40"], trace: "E90");

        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Work_is_given_to_groups_and_people()
    {
        await DenyAsync("a1", "CO*50");
        var id = Denial("a1").Id!;

        var given = Assert.IsType<DenialResult.Done>(await Pipeline.AssignAsync(id, "coders", "Practitioner/doctor", "please look", "Kim", Ct)).Task;
        Assert.Equal(("coders", "Practitioner/doctor", FhirTask.TaskStatus.InProgress), (given.PerformerType.Single().Text, given.Owner!.Reference, given.Status));
        Assert.Equal("please look", given.Note.Single().Text);
        Assert.Contains("no group here", Assert.IsType<DenialResult.Refused>(await Pipeline.AssignAsync(id, "nobody", null, null, "Kim", Ct)).Why, StringComparison.Ordinal);
        Assert.Contains("no Practitioner", Assert.IsType<DenialResult.Refused>(await Pipeline.AssignAsync(id, null, "Practitioner/none", null, "Kim", Ct)).Why, StringComparison.Ordinal);
        Assert.IsType<DenialResult.NoSuchTask>(await Pipeline.AssignAsync("none", "coders", null, null, "Kim", Ct));
    }

    [Theory]
    [InlineData("overturned", null, null, "needs the amount")]
    [InlineData("overturned", 500, null, "more than")]
    [InlineData("upheld", null, null, "needs a reason")]
    [InlineData("written-off", 20, "small", "leave amount out")]
    [InlineData("won", null, "x", "outcome is one of")]
    public async Task A_wrong_resolution_changes_nothing(string outcome, int? amount, string? reason, string why)
    {
        await DenyAsync("a1", "CO*50");
        var before = _practice.Records.Snapshot;

        Assert.Contains(why, Assert.IsType<DenialResult.Refused>(await Pipeline.ResolveAsync(Denial("a1").Id!, outcome, amount, null, reason, "Kim", Ct)).Why, StringComparison.Ordinal);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_step_that_is_none_is_refused()
    {
        await DenyAsync("a1", "CO*50");

        Assert.Contains("step is one of", Assert.IsType<DenialResult.Refused>(await Pipeline.ResolveAsync(Denial("a1").Id!, "upheld", null, "prayed", "no answer", "Kim", Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_given_up_is_no_try_at_the_payer()
    {
        await DenyAsync("a1", "CO*50");
        var resolved = Assert.IsType<DenialResult.Done>(await Pipeline.ResolveAsync(Denial("a1").Id!, "written-off", null, null, "below the limit", "Kim", Ct)).Task;

        Assert.Null(PastAttempt.Of(resolved));
        Assert.Equal("below the limit", resolved.Note.Single().Text);
        await DenyAsync("a2", "CO*50");
        Assert.Contains("No closed denial here", Denial("a2").Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_work_has_the_most_money_nearest_its_deadline()
    {
        await DenyAsync("a1", "CO*50"); // due in 14 days: 120 / 15
        await DenyAsync("a2", "CO*4"); // due in 7 days: 120 / 8
        await DenyAsync("a3", "CO*4", c => c.Item[0].Net = SmallPractice.Usd(60m), charge: 60); // 60 / 8

        var next = (await NextAsync(null))!;
        Assert.Equal(("Claim/a2", 7, 3), (next.Task.Focus!.Reference, next.DaysLeft, next.Waiting));
        Assert.Equal("Claim/a1", (await NextAsync("clinical appeals"))!.Task.Focus!.Reference);
        Assert.Null(await NextAsync("front desk"));
        Assert.Null(next.Late);

        var other = (await NextAsync(null, "Claim/a2"))!; // who may not see the first neither gets it nor hears that it waits
        Assert.Equal(("Claim/a1", 2), (other.Task.Focus!.Reference, other.Waiting));
    }

    [Fact]
    public async Task What_is_late_says_so_and_what_is_lost_waits()
    {
        await DenyAsync("a1", "CO*4");
        await DenyAsync("a2", "CO*4", date: "20250901");
        var late = Denial("a1");
        late.Restriction!.Period!.End = "2026-03-25";
        _practice.Records.Put(late);

        var next = (await NextAsync(null))!;
        Assert.Equal(("Claim/a1", "Due since 2026-03-25, 7 days late.", -7), (next.Task.Focus!.Reference, next.Late, next.DaysLeft));
        Assert.Equal("The limit to appeal passed on 2026-02-28. The limit for a corrected claim passed on 2026-02-28.", WorkOrder.Late(Denial("a2"), new(2026, 4, 1)));
        Assert.Equal(DenialStep.WriteOff, DenialInputs.NextStep(Denial("a2")));
    }

    [Fact]
    public async Task What_keeps_being_denied_becomes_a_rule()
    {
        for (var i = 1; i <= 4; i++)
        {
            await DenyAsync($"a{i}", "CO*97", c => (c.Item[0].Modifier, c.Item[1].ProductOrService) = ([], new CodeableConcept(Terminology.CodeSystemUrls.Cpt, "20610")), visit: "99213", other: "20610");
        }

        await DenyAsync("b1", "CO*50");
        var patterns = await Pipeline.PatternsAsync(null, null, shown: null, Ct);
        Assert.Equal(
            ["4 × missing modifier 25 (CARC 97) on office visits, First Mutual: 480.00 denied → MOD-004", "1 × not medically necessary (CARC 50) on office visits, First Mutual: 120.00 denied → PROC-024"],
            patterns.Select(p => p.ToString()));
        Assert.Equal([("Practitioner/doctor", 4)], patterns[0].Providers);
        Assert.Equal([("11", 4)], patterns[0].Places);

        var rule = Assert.IsType<PatternResult.Accepted>(await Pipeline.AcceptAsync(new(patterns[0].Id, null, Rejects: true, null), "Kim", shown: null, Ct)).Rule;
        var row = PayerRuleRecord.Read(rule)!;
        Assert.Equal(("PAY-101", FindingSeverity.Reject, "25"), (row.Id, row.Severity, row.WithoutModifier));
        Assert.Equal(["99213"], row.Codes);
        Assert.Equal("First Mutual denied 4 such lines without modifier 25: look before sending.", row.Message);

        var before = _practice.Records.Snapshot;
        Assert.IsType<PatternResult.Accepted>(await Pipeline.AcceptAsync(new(patterns[0].Id, null, Rejects: true, null), "Kim", shown: null, Ct));
        Assert.Equal(before, _practice.Records.Snapshot);
        Assert.Contains("no pattern", Assert.IsType<PatternResult.Refused>(await Pipeline.AcceptAsync(new("nothing", null, false, null), "Kim", shown: null, Ct)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_accepted_rule_is_found_by_the_next_scrub()
    {
        var row = new PayerRuleRow("PAY-101", FindingSeverity.Reject, "Acme wants it with 25.") { Codes = ["99213"], WithoutModifier = "25" };
        var rule = PayerRuleRecord.Of(row, "Organization/payer", "Kim", new(2027, 1, 1), "test", "k", new(2026, 3, 1));
        rule.Id = "rule";
        var billing = new TestBilling(rule);

        var held = Assert.IsType<ClaimResult.Held>(await billing.RunAsync());

        Assert.Equal("Acme wants it with 25.", held.Findings.Single(f => f.RuleId == "PAY-101").Message);
    }

    private Task<WorkItem?> NextAsync(string? group, params string[] hidden) => Pipeline.WorkNextAsync(
        group, null, (tasks, _) => Task.FromResult<IReadOnlyList<FhirTask>>([.. tasks.Where(t => !hidden.Contains(t.Focus!.Reference))]), Ct);

    private Task<DenialResult> AppealAsync(FhirTask task, AppealRequest? request = null) =>
        Pipeline.AppealAsync(task.Id!, request ?? new(null, null, null, null), "Kim Lopez", Ct);

    private FhirTask Denial(string claim) => _practice.Records.All<FhirTask>().Single(t => t.Focus?.Reference == $"Claim/{claim}" && DenialTask.CategoryOf(t) is not (null or "appeal-outcome"));

    private void AddVisit()
    {
        _practice.Records.Put(new Encounter { Id = "visit", Status = Encounter.EncounterStatus.Finished, Subject = new ResourceReference("Patient/p-a1"), Class = new Coding("x", "AMB") });
        _practice.Records.Put(new Composition
        {
            Id = "note",
            Status = CompositionStatus.Final,
            Title = "Visit note",
            Date = "2026-03-30",
            Subject = new ResourceReference("Patient/p-a1"),
            Encounter = new ResourceReference("Encounter/visit"),
            Section = [TestPractice.Section("Assessment and plan", "Throat pain for nine days &amp; fever, culture taken.")],
        });
        _practice.Records.Put(new Observation
        {
            Id = "temperature",
            Status = ObservationStatus.Final,
            Code = new CodeableConcept { Text = "Body temperature" },
            Encounter = new ResourceReference("Encounter/visit"),
            Value = new Quantity { Value = 39.2m, Unit = "Cel" },
        });
    }

    private void Replacement(string original, string id, Action<Claim> change)
    {
        _practice.AddClaim(id, change: c =>
        {
            c.Related = [new Claim.RelatedClaimComponent { Claim = new ResourceReference($"Claim/{original}"), Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "prior") }];
            change(c);
        });
        _practice.SetStage(id, ClaimStage.Submitted);
    }

    /// <summary>One line of 120 denied, the other paid.</summary>
    private async Task DenyAsync(
        string id, string cas, Action<Claim>? change = null, string? remark = null, string date = "20260420", string visit = "99213:25", string other = "87880", int charge = 120)
    {
        _practice.AddClaim(id, change: change);
        _practice.SetStage(id, ClaimStage.Submitted);
        string[] lines =
        [
            $"SVC*HC:{visit}*{charge}*0**1", "DTM*472*20260330", $"CAS*{cas}*{charge}", $"REF*6R*PCN{id.ToUpperInvariant()}-1", .. remark is null ? (string[])[] : [$"LQ*HE*{remark}"],
        ];
        await PostAsync($"PCN{id.ToUpperInvariant()}", "4", "0", lines, trace: $"D{id}", date: date, charge: charge);
    }

    private async Task PostAsync(string number, string status, string paid, string[] lines, string trace, string date = "20260501", int charge = 120)
    {
        var file = Fixtures.File835(
        [
            $"BPR*I*{paid}*C*ACH************{date}", $"TRN*1*{trace}*1600000001", $"DTM*405*{date}", "N1*PR*FIRST MUTUAL*XV*FM001", "N1*PE*HILLTOP CLINIC*XX*1234567893", "LX*1",
            $"CLP*{number}*{status}*{charge}*{paid}**CI*FM9001*11*1", .. lines,
        ]);
        var result = await _practice.Remittance().PostAsync(new MemoryStream(Encoding.ASCII.GetBytes(file)), Ct);
        Assert.IsNotType<PaymentOutcome.Refused>(result.Payments.Single());
    }
}
