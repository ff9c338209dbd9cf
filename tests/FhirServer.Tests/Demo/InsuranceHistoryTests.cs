using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Demo;

public sealed class InsuranceHistoryTests
{
    [Fact]
    public void Visits_with_one_insurance_share_one_open_coverage()
    {
        var coverage = Assert.Single(Of(("2012-02-08T02:43:19+00:00", "private"), ("2015-03-01T10:00:00+00:00", "private")));

        Assert.Equal(("2012-01-01", null), (coverage.Period!.Start, coverage.Period.End));
    }

    [Fact]
    public void A_change_ends_one_coverage_the_day_before_the_next_begins()
    {
        var coverages = Of(("2012-02-08T12:00:00+00:00", "private"), ("2015-03-20T12:00:00+00:00", "medicare"));

        Assert.Equal(
            [("CI", "2012-01-01", "2015-02-28"), ("MB", "2015-03-01", null)],
            coverages.Select(Summary));
    }

    [Fact]
    public void A_change_within_a_month_begins_with_the_visit()
    {
        var coverages = Of(("2015-03-05T12:00:00+00:00", "private"), ("2015-03-20T12:00:00+00:00", "medicaid"));

        Assert.Equal(
            [("CI", "2015-01-01", "2015-03-19"), ("MC", "2015-03-20", null)],
            coverages.Select(Summary));
    }

    [Fact]
    public void Coming_back_to_an_insurance_is_a_new_coverage_with_the_old_member_id()
    {
        var coverages = Of(
            ("2012-05-01T12:00:00+00:00", "private"), ("2014-05-01T12:00:00+00:00", "medicaid"), ("2016-05-01T12:00:00+00:00", "private"));

        Assert.Equal(3, coverages.Select(coverage => coverage.Id).Distinct().Count());
        Assert.Equal(coverages[0].SubscriberId, coverages[2].SubscriberId);
    }

    [Fact]
    public void Visits_are_taken_in_order_of_time_not_of_the_bundle()
    {
        var coverages = Of(("2015-03-20T12:00:00+00:00", "medicare"), ("2012-02-08T12:00:00+00:00", "private"));

        Assert.Equal(["CI", "MB"], coverages.Select(coverage => Summary(coverage).Indicator));
    }

    [Fact]
    public void Dual_eligibility_is_Medicare_first_and_Medicaid_last()
    {
        var coverages = Of(("2012-02-08T12:00:00+00:00", "dual_eligible"));

        Assert.Equal([("MB", 1), ("MC", 2)], coverages.Select(coverage => (Summary(coverage).Indicator, coverage.Order!.Value)));
    }

    [Fact]
    public void Without_insurance_there_is_no_coverage_and_the_one_before_has_ended()
    {
        var coverage = Assert.Single(Of(("2012-02-08T12:00:00+00:00", "private"), ("2014-06-10T12:00:00+00:00", "no_insurance")));

        Assert.Equal("2014-05-31", coverage.Period!.End);
    }

    [Fact]
    public void A_newborn_is_covered_from_birth()
    {
        var bundle = TinyRecord.With("2019-03-16", ("2019-03-16T08:00:00+00:00", "private"));

        var coverage = Assert.Single(DemoIdentities.Apply(bundle).Entry.Select(entry => entry.Resource).OfType<Coverage>());

        Assert.Equal("2019-03-16", coverage.Period!.Start);
    }

    [Fact]
    public void The_patient_is_beneficiary_and_subscriber_by_the_entrys_own_url()
    {
        var coverage = Assert.Single(Of(("2012-02-08T12:00:00+00:00", "Aetna")));

        Assert.Equal(
            ("urn:uuid:p1", "urn:uuid:p1", "self"),
            (coverage.Beneficiary!.Reference, coverage.Subscriber!.Reference, coverage.Relationship!.Coding[0].Code));
    }

    [Fact]
    public void A_commercial_coverage_has_group_and_plan()
    {
        var coverage = Assert.Single(Of(("2012-02-08T12:00:00+00:00", "private")));

        Assert.Equal(["group", "plan"], coverage.Class.Select(part => part.Type!.Coding[0].Code));
    }

    private static List<Coverage> Of(params (string Start, string Insurance)[] visits) =>
        [.. DemoIdentities.Apply(TinyRecord.With(visits)).Entry.Select(entry => entry.Resource).OfType<Coverage>()];

    private static (string Indicator, string? Start, string? End) Summary(Coverage coverage) =>
        (((Code)coverage.GetExtension("urn:fhiremr:claim-filing-indicator")!.Value!).Value!, coverage.Period!.Start, coverage.Period.End);
}
