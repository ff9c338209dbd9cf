using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>Questions to the mock payer over HTTP, as the front desk and the biller ask them.</summary>
public sealed class EligibilityTests(SqliteBilling server) : OnServer(server), IClassFixture<SqliteBilling>
{
    private const string Nothing = """{"resourceType":"Parameters"}""";

    [Fact]
    public async Task The_type_takes_the_question_as_the_body_or_as_a_parameter_and_the_instance_answers_alike()
    {
        var question = await QuestionAsync("demo-patient-05");

        var asked = await Server.PostAsync("CoverageEligibilityRequest/$submit", question.ToJsonString());
        Assert.True(asked.Status == 200, asked.Body);
        Assert.Equal("CoverageEligibilityResponse", asked.Json["resourceType"]!.GetValue<string>());
        Assert.StartsWith("Active since Jan 1", asked.Json["disposition"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("Office visit copay $30. Coinsurance 20%. Deductible $412 left of $1,500.", asked.Json["disposition"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(asked.Headers.ContainsKey("Age"));

        var kept = await Server.PostAsync("CoverageEligibilityRequest/$submit", $$"""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{{question.ToJsonString()}} }]}""");
        Assert.Equal((200, asked.Id), (kept.Status, kept.Id));
        Assert.True(int.Parse(kept.Headers["Age"], System.Globalization.CultureInfo.InvariantCulture) < 600);

        var request = asked.Json["request"]!["reference"]!.GetValue<string>();
        var again = await Server.PostAsync($"{request}/$submit?refresh=true", Nothing);
        Assert.Equal(200, again.Status);
        Assert.NotEqual(asked.Id, again.Id);
        Assert.Equal(request, again.Json["request"]!["reference"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_silent_payer_is_told_as_202_with_a_task()
    {
        var question = await QuestionAsync("demo-patient-06", "SILENT0001");

        var asked = await Server.PostAsync("CoverageEligibilityRequest/$submit", question.ToJsonString());

        Assert.True(asked.Status == 202, asked.Body);
        Assert.Equal("queued", asked.Json["outcome"]!.GetValue<string>());
        var task = asked.Json["extension"]!.AsArray().Single(e => e!["url"]!.GetValue<string>() == "urn:fhiremr:waiting-task")!["valueReference"]!["reference"]!.GetValue<string>();
        Assert.Equal("requested", (await Server.GetAsync(task)).Json["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_with_the_place()
    {
        var question = await QuestionAsync("demo-patient-07");
        question["provider"] = JsonNode.Parse("""{"reference":"Practitioner/demo-practitioner-outside"}""");
        question["servicedDate"] = "2031-01-01";
        var unasked = await Server.PostAsync("CoverageEligibilityRequest/$submit", question.ToJsonString());
        Assert.Equal((422, "CoverageEligibilityRequest.provider.resolve().identifier"), (unasked.Status, unasked.Expression));

        Assert.Equal(400, (await Server.PostAsync("CoverageEligibilityRequest/$submit", Nothing)).Status);
        Assert.Equal(404, (await Server.PostAsync("CoverageEligibilityRequest/nobody/$submit", Nothing)).Status);
        Assert.Equal(405, (await Server.GetAsync("CoverageEligibilityRequest/nobody/$submit")).Status);
        question["patient"] = JsonNode.Parse("""{"reference":"Patient/nobody"}""");
        Assert.Equal(422, (await Server.PostAsync("CoverageEligibilityRequest/$submit", question.ToJsonString())).Status);
        Assert.Contains("true or false", (await Server.PostAsync("CoverageEligibilityRequest/$submit?refresh=perhaps", question.ToJsonString())).Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_share_of_a_visit_is_estimated_from_the_answer_and_the_fee_schedule()
    {
        await Server.PostAsync("CoverageEligibilityRequest/$submit", (await QuestionAsync("demo-patient-08")).ToJsonString());
        const string Visit = "Encounter/demo-encounter-08-1/$estimate";

        var visit = await Server.GetAsync($"{Visit}?code=99213&allowed=120");
        var therapy = await Server.GetAsync($"{Visit}?code=97110&allowed=1000");
        var listed = await Server.GetAsync($"{Visit}?code=99213");

        Assert.True(visit.Status == 200, visit.Body);
        Assert.Equal(30m, Money(visit, "total"));
        Assert.Equal(412m + 117.6m, Money(therapy, "total")); // the deductible left, and 20 % of the other 588
        Assert.Contains("practice's own prices", listed.Body, StringComparison.Ordinal);
        Assert.Contains("has no price", (await Server.GetAsync($"{Visit}?code=ZZZZZ")).Diagnostics, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Encounter/nobody/$estimate?code=99213")).Status);
        Assert.Equal(400, (await Server.GetAsync($"{Visit}?code=99213,99214&allowed=120")).Status);
    }

    [Fact]
    public async Task A_claims_status_is_asked_and_one_that_was_not_sent_has_none()
    {
        var claim = (await server.ClaimAsync("demo-encounter-01-2")).Claim();
        Assert.Contains("no payer has it", (await Server.PostAsync($"{claim}/$status", Nothing)).Diagnostics, StringComparison.Ordinal);
        await Server.Services.GetRequiredService<BillingCycle>().RunAsync(TestContext.Current.CancellationToken);

        var status = await Server.PostAsync($"{claim}/$status", Nothing);

        Assert.True(status.Status == 200, status.Body);
        Assert.Contains("\"277 ", status.Body, StringComparison.Ordinal);
        Assert.NotNull(status.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "words"));
    }

    [Fact]
    public async Task A_night_asks_about_the_coming_visits_once_and_keeps_when_it_ran()
    {
        var ct = TestContext.Current.CancellationToken;
        var start = Server.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(1);
        var appointment = (await Server.GetAsync("Appointment?_count=1")).Entries[0]["resource"]!;
        (appointment["start"], appointment["end"]) = (start.ToString("O"), start.AddMinutes(20).ToString("O"));
        Assert.True((await Server.PutAsync($"Appointment/{appointment["id"]}", appointment.ToJsonString())).Status == 200);
        var nightly = Server.Services.GetRequiredService<NightlyBilling>();

        await nightly.RunDueAsync(ct);
        await Server.Services.GetRequiredService<BillingCycle>().RunAsync(ct);

        var requests = (await Server.GetAsync("CoverageEligibilityRequest")).Entries.Where(e => e["resource"]!["extension"] is not null).ToList();
        Assert.NotEmpty(requests);
        Assert.NotEmpty((await Server.GetAsync($"CoverageEligibilityResponse?request=CoverageEligibilityRequest/{requests[0]["resource"]!["id"]}")).Ids);
        var before = (await Server.GetAsync("Basic/billing-nightly-eligibility")).ETag;
        Assert.NotNull(before);
        await nightly.RunDueAsync(ct);
        Assert.Equal(before, (await Server.GetAsync("Basic/billing-nightly-eligibility")).ETag);
    }

    private static decimal Money(Reply reply, string name) =>
        reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == name)!["valueMoney"]!["value"]!.GetValue<decimal>();

    private async Task<JsonNode> QuestionAsync(string patient, string? memberId = null)
    {
        var coverage = (await Server.GetAsync($"Coverage?beneficiary=Patient/{patient}")).Entries[0]["resource"]!;
        if (memberId is not null)
        {
            coverage["subscriberId"] = memberId;
            Assert.Equal(200, (await Server.PutAsync($"Coverage/{coverage["id"]}", coverage.ToJsonString())).Status);
        }

        return JsonNode.Parse(
            $$"""
            {"resourceType":"CoverageEligibilityRequest","status":"active","purpose":["validation","benefits"],"patient":{"reference":"Patient/{{patient}}"},
             "created":"2026-01-02","servicedDate":"2026-01-02","provider":{"reference":"Organization/demo-clinic"},"insurer":{"reference":"{{coverage["payor"]![0]!["reference"]}}"},
             "insurance":[{"focal":true,"coverage":{"reference":"Coverage/{{coverage["id"]}}"} }],"item":[{"category":{"coding":[{"system":"https://x12.org/codes/service-type-codes","code":"98"}]} }]}
            """)!;
    }
}
