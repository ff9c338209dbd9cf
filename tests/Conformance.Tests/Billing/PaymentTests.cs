using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>The cycle with a payer, to the cent: claims out, answers in, and nothing more when it is turned again.</summary>
public abstract class PaymentTests(BillingServer server) : OnServer(server)
{
    private static readonly string[] Written = ["Claim", "ClaimResponse", "ExplanationOfBenefit", "PaymentReconciliation", "Task", "Provenance", "ChargeItem", "Basic"];

    [Fact]
    public async Task Every_cent_of_a_payment_is_in_a_benefit_and_a_second_turn_changes_nothing()
    {
        var ct = TestContext.Current.CancellationToken;
        var cycle = Server.Services.GetRequiredService<BillingCycle>();

        // Paid with and without a second payer, patient share, denied in part, denied, pended, turned away.
        int[] people = [1, 2, 4, 8, 11, 14, 17];
        var claims = new List<string>();
        foreach (var encounter in DemoPerson.All.Where(p => people.Contains(p.Number)).SelectMany(p => p.Visits.Select((_, i) => p.EncounterId(i + 1))).Where(e => e != BillingServer.OpenEncounter))
        {
            var reply = await server.ClaimAsync(encounter);
            Assert.Empty(reply.HeldBy());
            claims.Add(reply.Claim());
        }

        await cycle.RunAsync(ct);
        await CheckAsync(claims);

        // A person bills the next payer of one at once; asked twice it is the same claim, and of one that no payer has answered there is none.
        var due = (await AllAsync("Claim")).First(c => StageOf(c) == "secondary-due");
        var second = await Server.PostAsync($"Claim/{due["id"]}/$bill-next", """{"resourceType":"Parameters"}""");
        Assert.NotEqual($"Claim/{due["id"]}", second.Claim());
        Assert.Equal(second.Claim(), (await Server.PostAsync($"Claim/{due["id"]}/$bill-next", """{"resourceType":"Parameters"}""")).Claim());
        var pended = (await AllAsync("Claim")).First(c => StageOf(c) == "pended");
        Assert.Equal(422, (await Server.PostAsync($"Claim/{pended["id"]}/$bill-next", """{"resourceType":"Parameters"}""")).Status);
        Assert.Equal(404, (await Server.PostAsync("Claim/nobody/$bill-next", """{"resourceType":"Parameters"}""")).Status);

        // The claims left for a next payer get theirs, and that payer answers in the same turn.
        await cycle.RunAsync(ct);
        await CheckNextPayersAsync(claims);

        var before = await VersionsAsync();
        for (var turn = 0; turn < 3; turn++)
            await cycle.RunAsync(ct);
        Assert.Equal(before, await VersionsAsync());
    }

    private async Task CheckNextPayersAsync(List<string> claims)
    {
        var all = await AllAsync("Claim");
        Assert.DoesNotContain(all, c => StageOf(c) == "secondary-due");
        var next = all.Where(c => c["related"]?[0]?["claim"]?["reference"]?.GetValue<string>() is { } first && claims.Contains(first)).ToList();
        Assert.NotEmpty(next);
        foreach (var claim in next)
        {
            var first = claim["related"]![0]!["claim"]!["reference"]!.GetValue<string>();
            Assert.Equal("closed", StageOf(all.Single(c => $"Claim/{c["id"]}" == first)));
            Assert.Contains(StageOf(claim), (string[])["closed", "paid", "patient-balance", "scrub-failed"]);
        }

        Assert.Contains(next, c => StageOf(c) is "closed" or "paid" or "patient-balance");
    }

    private async Task CheckAsync(List<string> claims)
    {
        var stages = (await AllAsync("Claim")).Where(c => claims.Contains($"Claim/{c["id"]}")).ToDictionary(c => c["id"]!.GetValue<string>(), StageOf);
        foreach (var expected in new[] { "patient-balance", "secondary-due", "partially-denied", "denied", "pended", "payer-rejected" })
            Assert.True(stages.ContainsValue(expected), $"{expected} is not among {string.Join(", ", stages.Values.Distinct())}.");
        Assert.DoesNotContain(stages.Values, s => s is "ready" or "queued" or "scrub-failed");

        var (benefits, responses, payments) = (await AllAsync("ExplanationOfBenefit"), await AllAsync("ClaimResponse"), await AllAsync("PaymentReconciliation"));
        Assert.NotEmpty(payments);
        Assert.True(benefits.Sum(PaidUsd) > 0);
        Assert.Equal(payments.Sum(p => Usd(p["paymentAmount"])), benefits.Sum(PaidUsd));
        foreach (var payment in payments)
        {
            Assert.Equal(Usd(payment["paymentAmount"]), payment["detail"]!.AsArray().Sum(d => Usd(d!["amount"])));
            var trace = payment["paymentIdentifier"]!["value"]!.GetValue<string>();
            Assert.Equal(Usd(payment["paymentAmount"]), benefits.Where(b => b["payment"]!["identifier"]!["value"]!.GetValue<string>() == trace).Sum(PaidUsd));
        }

        var totals = (await AllAsync("Claim")).ToDictionary(c => $"Claim/{c["id"]}", c => Usd(c["total"]));
        var byId = responses.ToDictionary(r => $"ClaimResponse/{r["id"]}");
        foreach (var benefit in benefits)
        {
            Assert.Equal(PaidUsd(byId[benefit["claimResponse"]!["reference"]!.GetValue<string>()]), PaidUsd(benefit));
            Assert.Equal(totals[benefit["claim"]!["reference"]!.GetValue<string>()], TotalOf(benefit, "submitted"));
            Assert.Equal(TotalOf(benefit, "benefit"), PaidUsd(benefit));
        }

        // A claim that was adjudicated has one benefit; one that waits or was turned away has none.
        foreach (var (id, stage) in stages)
            Assert.Equal(stage is "pended" or "payer-rejected" ? 0 : 1, benefits.Count(b => b["claim"]!["reference"]!.GetValue<string>() == $"Claim/{id}"));
    }

    private static string StageOf(JsonNode claim) =>
        claim["extension"]!.AsArray().Single(e => e!["url"]!.GetValue<string>() == "urn:fhiremr:claim-stage")!["valueCode"]!.GetValue<string>();

    private static decimal PaidUsd(JsonNode answer) => Usd(answer["payment"]!["amount"]);

    private static decimal TotalOf(JsonNode answer, string category) =>
        Usd(answer["total"]!.AsArray().Single(t => t!["category"]!["coding"]![0]!["code"]!.GetValue<string>() == category)!["amount"]);

    private static decimal Usd(JsonNode? money)
    {
        Assert.Equal("USD", money!["currency"]!.GetValue<string>());
        return money["value"]!.GetValue<decimal>();
    }

    private async Task<List<JsonNode>> AllAsync(string type)
    {
        var all = new List<JsonNode>();
        for (var next = $"{type}?_count=200"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            all.AddRange(page.Entries.Select(e => e["resource"]!));
            next = page.Next;
        }

        return all;
    }

    private async Task<string> VersionsAsync()
    {
        var versions = new List<string>();
        foreach (var type in Written)
            versions.Add($"{type} {(await Server.GetAsync($"{type}/_history?_count=1")).Json["total"]}");
        return string.Join(", ", versions);
    }
}

public sealed class SqlitePaymentTests(SqliteBilling server) : PaymentTests(server), IClassFixture<SqliteBilling>;

public sealed class PostgresPaymentTests(PostgresBilling server) : PaymentTests(server), IClassFixture<PostgresBilling>;
