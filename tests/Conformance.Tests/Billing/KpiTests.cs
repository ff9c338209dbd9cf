using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary><c>$kpi</c> over HTTP: what a billed visit does to the figures, and back.</summary>
public sealed class KpiTests(SqliteBilling fixture) : OnServer(fixture), IClassFixture<SqliteBilling>
{
    private SqliteBilling Billing => (SqliteBilling)Server;

    [Fact]
    public async Task A_billed_visit_counts_at_once_and_a_claim_taken_away_counts_no_more()
    {
        var before = await FigureAsync("SCRUB-PASS");
        var claim = (await Billing.ClaimAsync("demo-encounter-01-1")).Claim();
        var after = await FigureAsync("SCRUB-PASS");
        Assert.Equal(Number(before, "denominator") + 1, Number(after, "denominator"));

        var named = await FigureAsync("SCRUB-PASS", "&ids=denominator");
        Assert.Contains(claim, named["part"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == "record").Select(p => p!["valueReference"]!["reference"]!.GetValue<string>()));

        var again = await Server.PostAsync("$kpi-rebuild", """{"resourceType":"Parameters"}""");
        Assert.True(again.Status == 200, again.Body);
        Assert.Equal(after.ToJsonString(), (await FigureAsync("SCRUB-PASS")).ToJsonString());
    }

    [Fact]
    public async Task The_dashboard_comes_as_parameters_csv_workbook_and_measure_reports()
    {
        Assert.Equal(12, (await KpisAsync("")).Length);
        Assert.Equal(31, (await KpisAsync("&id=all")).Length);
        var csv = await Server.GetAsync("$kpi?format=csv");
        Assert.True(csv.Status == 200, csv.Body);
        Assert.StartsWith("id,title,group,part,unit,numerator", csv.Body, StringComparison.Ordinal);
        Assert.StartsWith("PK", (await Server.GetAsync("$kpi?format=xlsx")).Body, StringComparison.Ordinal);
        var reports = (await Server.GetAsync("$kpi?id=CCR&id=FPA&format=MeasureReport")).Json["entry"]!.AsArray();
        Assert.Equal(["urn:fhiremr:Measure:CCR", "urn:fhiremr:Measure:FPA"], reports.Select(e => e!["resource"]!["measure"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("id=NONSENSE", "There is no KPI 'NONSENSE'")]
    [InlineData("id=CRR", "did you mean 'CCR'?")]
    [InlineData("start=2026-03-01&end=2026-02-01", "is after end=")]
    [InlineData("groupBy=colour", "groupBy=colour is not known")]
    [InlineData("groupBy=1", "groupBy=1 is not known")]
    [InlineData("ids=true", "ask for one id")]
    [InlineData("cost=1,000", "cost=1,000 is not an amount")]
    [InlineData("count=-1", "count=-1 is not a number")]
    [InlineData("format=pdf", "format=pdf is not known")]
    [InlineData("payor=x", "no parameter 'payor'")]
    public async Task What_cannot_be_asked_is_said(string query, string text)
    {
        var reply = await Server.GetAsync($"$kpi?{query}");
        Assert.Equal(400, reply.Status);
        Assert.Contains(text, reply.Json["issue"]![0]!["details"]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private async Task<JsonNode> FigureAsync(string id, string more = "") => Assert.Single(await KpisAsync($"&id={id}{more}"));

    private async Task<JsonNode[]> KpisAsync(string query)
    {
        while (true)
        {
            var reply = await Server.GetAsync($"$kpi?start=2020-01-01{query}");
            Assert.True(reply.Status == 200, reply.Body);
            var parameters = reply.Json["parameter"]!.AsArray();
            if (!parameters.Any(p => p!["name"]!.GetValue<string>() == "behind"))
                return [.. parameters.Where(p => p!["name"]!.GetValue<string>() == "kpi").Select(p => p!)];
        }
    }

    private static decimal Number(JsonNode kpi, string name) => kpi["part"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == name)!["valueDecimal"]!.GetValue<decimal>();
}
