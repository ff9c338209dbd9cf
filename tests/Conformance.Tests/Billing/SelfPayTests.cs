using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary><c>$self-pay</c> and <c>$bill-insurance</c> over HTTP: from a held claim to what the patient owes, and to the payer that was found.</summary>
public sealed class SelfPayTests(SqliteBilling fixture) : OnServer(fixture), IClassFixture<SqliteBilling>
{
    private SqliteBilling Billing => (SqliteBilling)Server;

    [Fact]
    public async Task A_visit_no_payer_covers_is_charged_to_the_patient_until_insurance_is_found()
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

        // Nobody insures the patient yet; a reason is needed; a claim that names its payer already is refused; and none of it changes anything.
        var before = (await Server.GetAsync(claim)).Body;
        foreach (var (address, words) in ((string, string)[])
        [
            ($"{claim}/$bill-insurance", "A reason is needed"), ($"{claim}/$bill-insurance?reason=A%20card", "No coverage of the patient is in force"),
            ($"{(await Billing.ClaimAsync("demo-encounter-01-1")).Claim()}/$bill-insurance?reason=A%20card", "it names its payer already"),
        ])
        {
            var refused = await Server.PostAsync(address, """{"resourceType":"Parameters"}""");
            Assert.True(refused.Status == 422, refused.Body);
            Assert.Contains(words, refused.Body, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await Server.PostAsync("Claim/nobody/$bill-insurance?reason=A%20card", """{"resourceType":"Parameters"}""")).Status);
        Assert.Equal(before, (await Server.GetAsync(claim)).Body);

        coverage["status"] = "active";
        Assert.Equal(200, (await Server.PutAsync("Coverage/demo-coverage-18-1", coverage.ToJsonString())).Status);
        var found = await Server.PostAsync($"{claim}/$bill-insurance?reason=The%20card%20was%20found", """{"resourceType":"Parameters"}""");
        Assert.Equal(claim, found.Claim());
        Assert.Contains(found.Stage(), (string[])["ready", "scrub-failed"]);
        stored = (await Server.GetAsync(claim)).Json;
        Assert.Equal("Coverage/demo-coverage-18-1", stored["insurance"]![0]!["coverage"]!["reference"]!.GetValue<string>());
        Assert.DoesNotContain(stored["extension"]!.AsArray(), e => e!["url"]!.GetValue<string>() == "urn:fhiremr:self-pay");
        balance = (await Server.GetAsync($"{claim}/$balance")).Json["parameter"]!.AsArray();
        Assert.Equal((total, 0m), (Usd(balance, "insurance"), Usd(balance, "patient")));
    }

    [Fact]
    public async Task A_visit_whose_charges_are_two_payers_has_a_claim_for_each()
    {
        var (encounter, whole) = await WithTwoLinesAsync();
        var moved = whole["item"]!.AsArray()[^1]!["extension"]!.AsArray().Single(e => e!["url"]!.GetValue<string>() == "urn:fhiremr:charge-item")!["valueReference"]!["reference"]!.GetValue<string>();
        var patient = whole["patient"]!["reference"]!.GetValue<string>();
        foreach (var (id, resource) in ((string, string)[])
        [
            ("Organization/split-fund", """{"resourceType":"Organization","id":"split-fund","name":"State Fund","identifier":[{"system":"urn:fhiremr:payer-id","value":"WCFUND"}]}"""),
            ("Coverage/split-wc", $$"""{"resourceType":"Coverage","id":"split-wc","status":"active","type":{"coding":[{"system":"https://x12.org/codes/claim-filing-indicator-codes","code":"WC"}]},"subscriberId":"WC77001","beneficiary":{"reference":"{{patient}}"},"payor":[{"reference":"Organization/split-fund"}]}"""),
            ("Account/split-injury", $$"""{"resourceType":"Account","id":"split-injury","status":"active","subject":[{"reference":"{{patient}}"}],"coverage":[{"coverage":{"reference":"Coverage/split-wc"},"priority":1}]}"""),
        ])
            Assert.Equal(201, (await Server.PutAsync(id, resource)).Status);
        var charge = (await Server.GetAsync(moved)).Json;
        charge["account"] = JsonNode.Parse("""[{"reference":"Account/split-injury"}]""");
        Assert.Equal(200, (await Server.PutAsync(moved, charge.ToJsonString())).Status);

        var reply = await Billing.ClaimAsync(encounter);

        Assert.Equal($"Claim/{whole["id"]}", reply.Claim());
        var other = Assert.Single(reply.Json["parameter"]!.AsArray(), p => p!["name"]!.GetValue<string>() == "other")!["part"]!.AsArray();
        var claim = other.Single(p => p!["name"]!.GetValue<string>() == "claim")!["valueReference"]!["reference"]!.GetValue<string>();
        var injury = (await Server.GetAsync(claim)).Json;
        var rest = (await Server.GetAsync(reply.Claim())).Json;
        Assert.Equal("Coverage/split-wc", injury["insurance"]![0]!["coverage"]!["reference"]!.GetValue<string>());
        Assert.Equal(whole["item"]!.AsArray().Count, injury["item"]!.AsArray().Count + rest["item"]!.AsArray().Count);
        Assert.Equal(whole["total"]!["value"]!.GetValue<decimal>(), injury["total"]!["value"]!.GetValue<decimal>() + rest["total"]!["value"]!.GetValue<decimal>());
        Assert.Equal(reply.Claim(), (await Billing.ClaimAsync(encounter)).Claim());
        Assert.Equal(2, (await Server.GetAsync($"Claim?encounter={encounter}")).Ids.Count);
    }

    private async Task<(string Encounter, JsonNode Claim)> WithTwoLinesAsync()
    {
        foreach (var encounter in Enumerable.Range(2, 8).Select(i => $"demo-encounter-{i:00}-1"))
        {
            var claim = (await Server.GetAsync((await Billing.ClaimAsync(encounter)).Claim())).Json;
            if (claim["item"]!.AsArray().Count > 1)
                return (encounter, claim);
        }

        throw new InvalidOperationException("No visit of the demo has two lines.");
    }

    private static decimal Usd(JsonArray parameters, string name) => parameters.Single(p => p!["name"]!.GetValue<string>() == name)!["valueMoney"]!["value"]!.GetValue<decimal>();
}
