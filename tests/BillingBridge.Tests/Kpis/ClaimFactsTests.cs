using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Ledger;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

public sealed class ClaimFactsTests
{
    private static readonly DateOnly Day = new(2026, 2, 10);

    [Fact]
    public void A_claim_that_goes_straight_through_is_clean_and_accepted()
    {
        var facts = Of(Steps("draft ready queued submitted forwarded accepted paid"));
        Assert.True(facts.IsFirstScrubClean);
        Assert.False(facts.IsTouched);
        Assert.True(facts.IsAcceptedFirst);
        Assert.Equal((Day, Day.AddDays(2)), (facts.FirstScrubbedOn, facts.FirstSubmittedOn));
    }

    [Fact]
    public void A_claim_that_was_held_is_not_clean_whatever_became_of_it() => Assert.False(Of(Steps("draft scrub-failed draft ready queued submitted accepted")).IsFirstScrubClean);

    [Fact]
    public void A_claim_that_somebody_had_back_before_it_went_out_was_touched()
    {
        var facts = Of(Steps("draft ready draft ready queued submitted accepted"));
        Assert.True(facts.IsFirstScrubClean);
        Assert.True(facts.IsTouched);
    }

    [Theory]
    [InlineData("draft ready queued submitted ack-rejected draft ready queued submitted accepted", false)]
    [InlineData("draft ready queued submitted forwarded payer-rejected draft ready queued submitted accepted", false)]
    [InlineData("draft ready queued submitted paid", true)] // no 277CA came, but who pays has taken it in
    [InlineData("draft ready queued submitted forwarded", null)]
    [InlineData("draft ready queued", null)]
    public void The_first_submission_counts(string way, bool? isAccepted) => Assert.Equal(isAccepted, Of(Steps(way)).IsAcceptedFirst);

    [Fact]
    public void Steps_of_one_instant_are_taken_in_the_order_of_the_way()
    {
        var at = new DateTimeOffset(2026, 2, 10, 12, 0, 0, TimeSpan.Zero);
        var parts = Parts();
        foreach (var (from, to) in ((string, string)[])[("submitted", "accepted"), ("queued", "submitted"), ("ready", "queued"), ("draft", "ready")])
            parts.Steps[to] = new(to, at, Day, from, to);
        Assert.True(Of(parts).IsAcceptedFirst);
    }

    [Theory]
    [InlineData("CO", "197", 100, true)]
    [InlineData("PI", "16", 100, true)]
    [InlineData("OA", "18", 100, true)]
    [InlineData("PR", "204", 100, true)] // not covered, left to the patient
    [InlineData("PR", "197", 100, false)]
    [InlineData("PR", "1", 100, false)]
    [InlineData("PR", "2", 100, false)]
    [InlineData("PR", "3", 100, false)]
    [InlineData("CO", "45", 100, false)]
    [InlineData("CO", "253", 100, false)]
    [InlineData("CO", "104", 100, false)]
    [InlineData("CO", "131", 100, false)]
    [InlineData("OA", "23", 100, false)]
    [InlineData("CO", "197", -100, false)]
    public void A_denial_is_a_reason_that_denies_in_a_group_that_may(string group, string carc, int cents, bool isDenial)
    {
        var line = new AnswerLine(1, 100_00, 0, 0, [], [new(group, carc, cents)]);
        Assert.Equal(isDenial, DeniedLines.IsDenial(line.Adjustments[0], line));
        var facts = Of(Answers(Answer("a", Day, "1", line)));
        Assert.Equal((isDenial ? 1 : 0, !isDenial), (facts.Denied.Count, facts.IsResolvedFirst));
    }

    [Fact]
    public void What_is_denied_for_the_claim_denies_each_line()
    {
        var parts = Answers(Answer("a", Day, "4", new AnswerLine(0, 0, 0, 0, [], [new("CO", "29", 300_00)])));
        parts.Header = Header("c1", Line(1, 100m), Line(2, 200m));
        Assert.Equal([100_00L, 200_00L], Of(parts).Denied.Select(d => d.ChargeCents));
    }

    [Fact]
    public void The_first_adjudication_counts_and_a_later_one_shows_what_was_won()
    {
        var parts = Answers(Denial("a", Day), Answer("b", Day.AddDays(30), "1", Paid(80_00)));
        parts.Steps["x"] = new("x", At(Day.AddDays(5)), Day.AddDays(5), "denied", "appealed");
        var denied = Assert.Single(Of(parts).Denied);
        Assert.Equal((Day.AddDays(30), 80_00L, true), (denied.ClosedOn, denied.PaidLaterCents, denied.IsAppealed));
    }

    [Fact]
    public void A_denied_line_is_given_up_when_it_is_written_off()
    {
        var parts = Answers(Denial("a", Day));
        parts.Journal["j"] = new()
        {
            Key = "w",
            Event = JournalEvent.WriteOff,
            PostedOn = Day.AddDays(9),
            Claim = "Claim/c1",
            Lines = [new(LedgerAccount.DenialWriteOff, 100m, 1), new(LedgerAccount.InsuranceReceivable, -100m, 1)],
        };
        var denied = Assert.Single(Of(parts).Denied);
        Assert.Equal((Day.AddDays(9), 0L), (denied.ClosedOn, denied.PaidLaterCents));
    }

    [Fact]
    public void A_denied_line_of_a_replaced_claim_stays_open()
    {
        var parts = Answers(Denial("a", Day));
        parts.Steps["x"] = new("x", At(Day.AddDays(5)), Day.AddDays(5), "denied", "replaced");
        Assert.Null(Assert.Single(Of(parts).Denied).ClosedOn);
    }

    [Fact]
    public void A_reversal_and_correction_in_the_file_of_the_answer_count_as_one()
    {
        var parts = Answers(
            Denial("a", Day), Answer("b", Day, "22", new AnswerLine(1, -100_00, 0, 0, [], [new("CO", "197", -100_00)])) with { ChargeCents = -100_00, PaidCents = 0 },
            Answer("c", Day, "1", Paid(80_00)));
        var facts = Of(parts);
        Assert.True(facts.IsResolvedFirst);
        Assert.Empty(facts.Denied);
    }

    [Fact]
    public void A_reversal_alone_is_no_first_answer_and_neither_is_a_predetermination_nor_a_claim_sent_on() =>
        Assert.Null(Of(Answers(Answer("a", Day, "22", Paid(-80_00)), Answer("b", Day, "23", Paid(0)), Answer("c", Day, "25", Paid(80_00)))).FirstAnsweredOn);

    [Theory]
    [InlineData(100_00, 99_00, 0)] // a dollar is not more than a dollar
    [InlineData(100_00, 98_99, 101)]
    [InlineData(1_000_00, 990_00, 0)] // one per cent is not more than one per cent
    [InlineData(1_000_00, 989_99, 1001)]
    [InlineData(100_00, 120_00, 0)]
    public void A_line_is_underpaid_by_more_than_a_dollar_and_more_than_a_hundredth(long contract, long allowed, long missing)
    {
        var parts = Answers(Answer("a", Day, "1", new AnswerLine(1, 2_000_00, allowed, allowed, [], [])));
        Assert.Equal([missing], ClaimFacts.Of(parts, new KpiTables { ContractAllowed = (_, _) => contract })!.Short);
        Assert.Equal([null], ClaimFacts.Of(parts, new KpiTables())!.Short);
    }

    [Fact]
    public void Parts_survive_as_bytes()
    {
        var parts = Answers(Denial("a", Day) with { Trace = "T1" }, Answer("b", Day.AddDays(3), "1", new AnswerLine(-1, 5, 4, 3, ["N1", "M15"], [new("CO", "45", -7)])));
        parts.Header = Header("c1", Line(1, 100m, "99213", 1.5m, "25", "RT"), Line(2, 0m) with { Day = null, Place = null }) with { Diagnoses = ["E11.9"], Payer = null, IsCancelled = true, Encounter = "e1" };
        parts.Steps["x"] = new("x", At(Day), Day, "draft", "ready");
        parts.Journal["j"] = new()
        {
            Key = "w",
            Event = JournalEvent.WriteOff,
            PostedOn = Day,
            Claim = "Claim/c1",
            Patient = "Patient/p1",
            Source = "Claim/c1",
            Lines = [new(LedgerAccount.BadDebtWriteOff, 12.34m, 1, "small"), new(LedgerAccount.PatientReceivable, -12.34m)],
        };
        var read = PartsCodec.ReadClaim(PartsCodec.Write(parts));
        Assert.Equivalent(parts, read, strict: true);
    }

    private static ClaimFacts Of(ClaimParts parts) => ClaimFacts.Of(parts, new KpiTables())!;

    private static ClaimParts Parts() => new() { Header = Header("c1") };

    private static ClaimParts Steps(string way)
    {
        var parts = Parts();
        var stages = way.Split(' ');
        for (var i = 1; i < stages.Length; i++)
            parts.Steps[$"{i}"] = new($"{i}", At(Day.AddDays(i - 1)), Day.AddDays(i - 1), stages[i - 1], stages[i]);
        return parts;
    }

    private static ClaimParts Answers(params AnswerFacts[] answers)
    {
        var parts = Parts();
        foreach (var answer in answers)
            parts.Answers[answer.Id] = answer;
        return parts;
    }

    private static AnswerFacts Answer(string id, DateOnly day, string status, params AnswerLine[] lines) =>
        new(id, At(day), day, "T1", status, lines.Sum(l => l.ChargeCents), lines.Sum(l => l.PaidCents), lines);

    private static AnswerFacts Denial(string id, DateOnly day) => Answer(id, day, "4", new AnswerLine(1, 100_00, 0, 0, [], [new("CO", "197", 100_00)])) with { Trace = "T1" };

    private static AnswerLine Paid(long cents) => new(1, 100_00, cents, cents, [], [new("CO", "45", 100_00 - cents)]);

    private static DateTimeOffset At(DateOnly day) => new(day, new TimeOnly(12, 0), TimeSpan.Zero);
}
