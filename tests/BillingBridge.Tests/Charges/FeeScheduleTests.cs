using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Tests.Fakes;
using FhirEmr.Terminology;
using FhirEmr.Terminology.ConceptMaps;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Charges;

public class FeeScheduleTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    [Fact]
    public void The_row_in_force_on_the_day_prices_the_line()
    {
        var schedule = new FeeSchedule([Row("99213", new(2025, 1, 1), new(2025, 12, 31), 140m), Row("99213", new(2026, 1, 1), null, 152m)]);

        Assert.Equal(140m, schedule.Find("99213", [], new(2025, 12, 31))!.NonFacilityUsd);
        Assert.Equal(152m, schedule.Find("99213", [], new(2026, 1, 1))!.NonFacilityUsd);
        Assert.Null(schedule.Find("99213", [], new(2024, 12, 31)));
    }

    [Fact]
    public void A_modifiers_own_row_goes_before_the_plain_one()
    {
        var schedule = new FeeSchedule([Row("71046", null, null, 62m), Row("71046", null, null, 20m) with { Modifier = "26" }]);

        Assert.Equal(20m, schedule.Find("71046", ["26"], Day)!.NonFacilityUsd);
        Assert.Equal(62m, schedule.Find("71046", ["59"], Day)!.NonFacilityUsd);
    }

    [Fact]
    public void What_a_payer_agreed_to_goes_before_everybodys_price_and_is_nobody_elses()
    {
        var schedule = new FeeSchedule(
        [
            Row("99213", null, null, 152m), Row("99213", new(2020, 1, 1), new(2025, 12, 31), 90m) with { Payer = "Organization/comp" },
            Row("99213", new(2026, 1, 1), null, 95m) with { Payer = "Organization/comp" }, Row("71046", null, null, 20m) with { Modifier = "26" }, Row("71046", null, null, 70m) with { Payer = "Organization/comp" },
        ]);

        Assert.Equal(152m, schedule.Find("99213", [], Day)!.NonFacilityUsd);
        Assert.Equal(152m, schedule.For("Organization/acme").Find("99213", [], Day)!.NonFacilityUsd);
        Assert.Equal(95m, schedule.For("Organization/comp").Find("99213", [], Day)!.NonFacilityUsd);
        Assert.Equal(90m, schedule.For("Organization/comp").Find("99213", [], new(2025, 6, 1))!.NonFacilityUsd);
        Assert.Equal(20m, schedule.For("Organization/comp").Find("71046", ["26"], Day)!.NonFacilityUsd);
        Assert.Null(schedule.Find("71046", [], Day));
    }

    [Fact]
    public void The_payer_of_a_price_is_read_from_its_context()
    {
        var definition = DefaultFeeSchedule.Build(new DateOnly(2020, 1, 1)).First(d => FeeSchedule.RowOf(d)?.Code == "99213");
        Assert.Null(FeeSchedule.RowOf(definition)!.Payer);

        definition.UseContext = [new UsageContext { Code = new Coding("http://terminology.hl7.org/CodeSystem/usage-context-type", "program"), Value = new ResourceReference("Organization/comp") }];
        Assert.Equal("Organization/comp", FeeSchedule.RowOf(definition)!.Payer);
    }

    [Theory]
    [InlineData("11", 152)]
    [InlineData("22", 108)]
    [InlineData("10", 152)]
    [InlineData("02", 108)]
    public void The_place_chooses_the_column(string place, int usd) =>
        Assert.Equal(usd, (Row("99213", null, null, 152m) with { FacilityUsd = 108m }).PriceUsd(place));

    [Fact]
    public async Task Loading_asks_for_the_codes_at_hand_only()
    {
        var records = new InMemoryFhirRecords();
        records.Put([.. DefaultFeeSchedule.Build(new DateOnly(2020, 1, 1))]);

        var schedule = await FeeSchedule.LoadAsync(records, [("99213", ["25"])], TestContext.Current.CancellationToken);

        Assert.Equal((152m, 108m), (schedule.Find("99213", ["25"], Day)!.NonFacilityUsd, schedule.Find("99213", [], Day)!.FacilityUsd));
        Assert.Null(schedule.Find("99214", [], Day));
        Assert.Null(schedule.Find("99213", [], new DateOnly(2019, 12, 31)));
    }

    [Fact]
    public void A_draft_of_another_currency_is_no_price()
    {
        var definition = DefaultFeeSchedule.Build(new DateOnly(2020, 1, 1)).First(d => d.Identifier[0].Value == "99213");
        foreach (var price in definition.PropertyGroup[0].PriceComponent)
            price.Amount!.Currency = Money.Currencies.EUR;

        Assert.Null(FeeSchedule.RowOf(definition));
    }

    [Fact]
    public void The_default_schedule_prices_every_code_that_the_maps_name()
    {
        var priced = DefaultFeeSchedule.Build(new DateOnly(2020, 1, 1)).Select(d => d.Identifier.Single(i => i.System == BillingUrls.Fee).Value).ToHashSet();
        var named = ConceptMapLibrary.All.Where(r => r.TargetSystem is CodeSystemUrls.Cpt or CodeSystemUrls.Hcpcs).Select(r => r.TargetCode);

        Assert.Empty(named.Except(priced!));
    }

    private static FeeRow Row(string code, DateOnly? from, DateOnly? to, decimal usd) => new(code, null, from, to, usd, null, "urn:test");
}
