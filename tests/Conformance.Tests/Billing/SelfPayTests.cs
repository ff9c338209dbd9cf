using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary><c>$self-pay</c> over HTTP: from a held claim to what the patient owes.</summary>
public sealed class SelfPayTests(SqliteBilling fixture) : OnServer(fixture), IClassFixture<SqliteBilling>
{
    private SqliteBilling Billing => (SqliteBilling)Server;

    [Fact]
    public async Task A_visit_no_payer_covers_is_charged_to_the_patient()
    {
        var coverage = (await Server.GetAsync("Coverage/demo-coverage-18-1")).Json;
        coverage["status"] = "cancelled";
        Assert.Equal(200, (await Server.PutAsync("Coverage/demo-coverage-18-1", coverage.ToJsonString())).Status);
        var held = await Billing.ClaimAsync("demo-encounter-18-2");
        Assert.Equal("scrub-failed", held.Stage());
        var claim = held.Claim();

        Assert.Equal(422, (await Server.PostAsync($"{claim}/$self-pay", """{"resourceType":"Parameters"}""")).Status);
        var ready = await Server.PostAsync($"{claim}/$self-pay?reason=Coverage%20was%20cancelled", """{"resourceType":"Parameters"}""");
        Assert.Empty(ready.HeldBy());
        Assert.Equal("ready", ready.Stage());
        await Server.Services.GetRequiredService<BillingCycle>().RunAsync(TestContext.Current.CancellationToken);

        var stored = (await Server.GetAsync(claim)).Json;
        Assert.Contains(stored["extension"]!.AsArray(), e => e!["url"]!.GetValue<string>() == "urn:fhiremr:claim-stage" && e["valueCode"]!.GetValue<string>() == "patient-balance");
        var total = stored["total"]!["value"]!.GetValue<decimal>();
        var balance = (await Server.GetAsync($"{claim}/$balance")).Json["parameter"]!.AsArray();
        Assert.Equal((0m, total), (Usd(balance, "insurance"), Usd(balance, "patient")));
        Assert.Equal(422, (await Server.PostAsync($"{claim}/$self-pay?reason=again", """{"resourceType":"Parameters"}""")).Status);
    }

    private static decimal Usd(JsonArray parameters, string name) => parameters.Single(p => p!["name"]!.GetValue<string>() == name)!["valueMoney"]!["value"]!.GetValue<decimal>();
}
