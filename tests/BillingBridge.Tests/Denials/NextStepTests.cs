using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.Scrubbing;

namespace FhirEmr.BillingBridge.Tests.Denials;

public class NextStepTests
{
    private static readonly DateOnly Today = new(2026, 4, 1);
    private static readonly DenialLimits Open = new(Today.AddDays(90), Today.AddDays(90));

    [Fact]
    public void Past_success_here_is_told_as_people_say_it()
    {
        IReadOnlyList<PastAttempt> attempts = [.. Tries("replace-modifier", 15, won: 12), .. Tries("appeal", 4, won: 1)];

        var next = NextStep.Decide("coding", [Denied("4")], Open, Today, attempts, "Organization/p");

        Assert.Equal(DenialStep.Replace, next.Step);
        Assert.Equal("Here: resubmitted with modifier: 12 of 15 paid; appealed: 1 of 4 paid.", next.PastWords);
    }

    [Fact]
    public void What_wins_here_goes_before_the_taxonomy()
    {
        IReadOnlyList<PastAttempt> attempts = [.. Tries("replace-modifier", 6, won: 0), .. Tries("appeal", 6, won: 6)];

        Assert.Equal(DenialStep.Appeal, NextStep.Decide("coding", [Denied("4")], Open, Today, attempts, "Organization/p").Step);
    }

    [Fact]
    public void Two_tries_prove_nothing() =>
        Assert.Equal(DenialStep.Replace, NextStep.Decide("coding", [Denied("4")], Open, Today, Tries("appeal", 2, won: 2), "Organization/p").Step);

    [Fact]
    public void Tries_for_another_reason_do_not_count()
    {
        var next = NextStep.Decide("coding", [Denied("181")], Open, Today, Tries("appeal", 9, won: 9), "Organization/p");

        Assert.Equal((DenialStep.Replace, "No closed denial here for this reason yet."), (next.Step, next.PastWords));
    }

    [Fact]
    public void The_payers_own_tries_count_before_those_of_others()
    {
        IReadOnlyList<PastAttempt> attempts = [.. Tries("appeal", 9, won: 9, payer: "Organization/q"), .. Tries("appeal", 4, won: 1)];

        Assert.Equal(new StepSuccess("appeal", 1, 4), StepSuccess.Of(attempts, "4", "Organization/p").Single());
        Assert.Equal(new StepSuccess("appeal", 10, 13), StepSuccess.Of(attempts, "4", "Organization/r").Single());
    }

    [Theory]
    [InlineData("coding", "4", "", DenialStep.Replace)]
    [InlineData("medical-necessity", "50", "", DenialStep.Appeal)]
    [InlineData("documentation", "163", "", DenialStep.SendRecords)]
    [InlineData("auth", "15", "", DenialStep.Replace)]
    [InlineData("auth", "197", "", DenialStep.Appeal)]
    [InlineData("cob", "22", "", DenialStep.OtherPayer)]
    [InlineData("duplicate", "18", "", DenialStep.FindFirst)]
    [InlineData("submission", "16", "MA130", DenialStep.Resend)]
    [InlineData("benefit", "204", "", DenialStep.Review)]
    public void Fixable_data_is_corrected_and_judgement_appealed(string category, string carc, string remark, string step) =>
        Assert.Equal(step, NextStep.Decide(category, [Denied(carc, remark)], Open, Today, [], null).Step);

    [Theory]
    [InlineData("27", "CO", "first: other coverage")]
    [InlineData("27", "PR", "first: other coverage / patient")]
    [InlineData("204", "CO", "dispute or accept")]
    [InlineData("204", "PR", "bill the patient")]
    public void The_patient_is_named_only_where_the_group_allows(string carc, string group, string end)
    {
        var category = DenialReason.Of(carc, [], paidNothing: true).Category;

        Assert.EndsWith(end, NextStep.Decide(category, [Denied(carc, group: group)], Open, Today, [], null).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 90, DenialStep.Appeal)]
    [InlineData(90, -1, DenialStep.Replace)]
    [InlineData(-1, -1, DenialStep.WriteOff)]
    public void A_missed_limit_is_said_and_the_other_way_taken(int correct, int appeal, string step)
    {
        var next = NextStep.Decide("coding", [Denied("4")], new(Today.AddDays(correct), Today.AddDays(appeal)), Today, [], null);

        Assert.Equal(step, next.Step);
        Assert.StartsWith("LATE: ", next.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void When_both_ways_are_closed_the_patient_is_billed_only_where_the_group_allows()
    {
        var gone = new DenialLimits(Today.AddDays(-1), Today.AddDays(-1));

        Assert.Equal(DenialStep.BillPatient, NextStep.Decide("coding", [Denied("4", group: "PR")], gone, Today, [], null).Step);
        Assert.Equal(DenialStep.WriteOff, NextStep.Decide("coding", [Denied("4", group: "CO")], gone, Today, [], null).Step);
    }

    [Theory]
    [InlineData(1, 120)]
    [InlineData(2, 180)]
    [InlineData(3, 60)]
    [InlineData(4, 60)]
    [InlineData(5, 60)]
    public void Medicare_has_five_levels_and_takes_no_corrected_claim(int level, int days)
    {
        var medicare = new PayerDirectory().For(new() { Type = new("https://x12.org/codes/claim-filing-indicator-codes", "MB") }, null, Today);

        Assert.Equal(new DenialLimits(null, Today.AddDays(days)), DenialLimits.Of(medicare, Today, null, unprocessable: false, level));
        Assert.Null(DenialLimits.Of(medicare, Today, null, unprocessable: false, 6).AppealBy);
    }

    [Fact]
    public void What_was_not_processed_comes_in_time_like_a_first_claim_and_is_not_appealed()
    {
        var commercial = new PayerDirectory().For(null, null, Today);

        Assert.Equal(new DenialLimits(new DateOnly(2026, 3, 1).AddDays(180), null), DenialLimits.Of(commercial, Today, new(2026, 3, 1), unprocessable: true));
    }

    private static DeniedAmount Denied(string carc, string remark = "", string group = "CO") => new(group, carc, remark.Length > 0 ? [remark] : [], 100m);

    private static IReadOnlyList<PastAttempt> Tries(string step, int tried, int won, string payer = "Organization/p") =>
        [.. Enumerable.Range(0, tried).Select(i => new PastAttempt(payer, ["4"], step, i < won))];
}
