using System.Diagnostics;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>From an encounter to its claim over HTTP, with the billing worker running beside the server.</summary>
public abstract class ClaimTests(BillingServer server) : OnServer(server)
{
    public static TheoryData<string, string> Flaws => [.. DemoFlaw.All.Select(f => new TheoryDataRow<string, string>(f.EncounterIds[0], f.RuleId))];

    [Fact]
    public async Task An_encounter_that_becomes_finished_has_its_claim_within_seconds_and_is_paid()
    {
        var encounter = (await Server.GetAsync($"Encounter/{BillingServer.OpenEncounter}")).Json;
        Assert.Equal("in-progress", encounter["status"]!.GetValue<string>());
        Assert.Empty((await Server.GetAsync($"Claim?encounter={BillingServer.OpenEncounter}")).Ids);

        encounter["status"] = "finished";
        Assert.Equal(200, (await Server.PutAsync($"Encounter/{BillingServer.OpenEncounter}", encounter.ToJsonString())).Status);

        var claim = Assert.Single(await EventuallyAsync($"Claim?encounter={BillingServer.OpenEncounter}"));
        Assert.Equal($"Claim/{claim}", (await server.ClaimAsync(BillingServer.OpenEncounter)).Claim());
        var benefits = await EventuallyAsync($"ExplanationOfBenefit?claim={claim}");
        Assert.True(benefits.Count == 1, (await Server.GetAsync($"Claim/{claim}")).Body);
        Assert.Single((await Server.GetAsync($"Claim?encounter={BillingServer.OpenEncounter}")).Ids);
    }

    [Fact]
    public async Task Billing_twice_or_at_once_gives_one_claim()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ClaimAsync("demo-encounter-01-1")));
        var again = await server.ClaimAsync("demo-encounter-01-1");

        Assert.Single(replies.Append(again).Select(r => r.Claim()).Distinct());
        Assert.Empty(replies[0].HeldBy());
        Assert.Single((await Server.GetAsync("Claim?encounter=demo-encounter-01-1")).Ids);
        var charges = (await Server.GetAsync("ChargeItem?context=demo-encounter-01-1")).Entries.Select(e => e["resource"]!["code"]!["coding"]![0]!["code"]!.GetValue<string>()).ToArray();
        Assert.NotEmpty(charges);
        Assert.Equal(charges.Distinct(), charges);
    }

    [Fact]
    public async Task What_billing_decided_on_is_shown_as_it_was_after_the_chart_changed()
    {
        const string Encounter = "demo-encounter-03-1";
        var claim = (await server.ClaimAsync(Encounter)).Claim();
        var before = await Server.GetAsync($"Encounter/{Encounter}");
        var changed = before.Json;
        changed["text"] = JsonNode.Parse("""{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">later</div>"}""");
        Assert.Equal(200, (await Server.PutAsync($"Encounter/{Encounter}", changed.ToJsonString())).Status);

        var evidence = await Server.GetAsync($"{claim}/$evidence");

        Assert.True(evidence.Status == 200, evidence.Body);
        Assert.Contains(before.Body, evidence.Body, StringComparison.Ordinal);
        var entry = evidence.Entries.Single(e => e["resource"]!["id"]?.GetValue<string>() == Encounter);
        Assert.Contains("Billing decided on this version", entry["extension"]![0]!["valueString"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(evidence.Entries, e => e["resource"]!["resourceType"]!.GetValue<string>() == "Coverage");
    }

    [Fact]
    public async Task What_cannot_be_billed_is_refused_with_the_reason()
    {
        var open = await server.ClaimAsync("demo-encounter-open-01");
        var unknown = await server.ClaimAsync("nobody");
        var read = await Server.GetAsync("Encounter/demo-encounter-01-1/$claim");
        var misdated = await Server.PostAsync("Encounter/demo-encounter-01-1/$claim?billingDate=soon", """{"resourceType":"Parameters"}""");
        var mistyped = await Server.PostAsync("Encounter/demo-encounter-01-1/$clam", """{"resourceType":"Parameters"}""");

        Assert.Equal((422, 404, 405, 400, 404), (open.Status, unknown.Status, read.Status, misdated.Status, mistyped.Status));
        Assert.Contains("only a finished encounter is billed", open.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("YYYY-MM-DD", misdated.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("did you mean $claim?", mistyped.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task Each_flaw_of_the_demo_is_held_by_its_rule_and_no_other(string encounter, string rule)
    {
        var reply = await server.ClaimAsync(encounter);

        // Another test may have been here first: then the stored claim tells.
        Assert.Equal("scrub-failed", reply.Stage());
        var scrubbed = await Server.GetAsync($"{reply.Claim()}/$scrub");
        Assert.Equal([rule], ClaimAnswer.Rules(scrubbed.Json));
        Assert.Equal(["requested"], (await TasksAsync(reply.Claim())).Select(t => t["status"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_held_claim_becomes_ready_after_the_repair_and_its_task_is_done()
    {
        const string encounter = "demo-encounter-09-2";
        var held = await server.ClaimAsync(encounter);
        Assert.Equal("scrub-failed", held.Stage());
        Assert.Equal(["COV-004"], held.HeldBy());
        var still = await Server.PostAsync($"{held.Claim()}/$rescrub", """{"resourceType":"Parameters"}""");
        Assert.Equal("scrub-failed", still.Stage());
        Assert.Single(await TasksAsync(held.Claim()));

        var coverage = (await Server.GetAsync("Coverage?beneficiary=demo-patient-09")).Entries[0]["resource"]!;
        var original = coverage.ToJsonString();
        coverage["subscriberId"] = DemoMemberId();
        Assert.Equal(200, (await Server.PutAsync($"Coverage/{coverage["id"]}", coverage.ToJsonString())).Status);
        var repaired = await Server.PostAsync($"{held.Claim()}/$rescrub", """{"resourceType":"Parameters"}""");

        Assert.Empty(repaired.HeldBy());
        Assert.Equal("ready", repaired.Stage());
        Assert.Equal(["completed"], (await TasksAsync(held.Claim())).Select(t => t["status"]!.GetValue<string>()));
        await Server.PutAsync($"Coverage/{coverage["id"]}", original); // the flaw is another test's subject
    }

    [Fact]
    public async Task Looking_at_what_billing_would_find_stores_nothing()
    {
        var reply = await Server.GetAsync("Encounter/demo-encounter-06-1/$scrub");

        Assert.Equal(200, reply.Status);
        Assert.Empty(ClaimAnswer.Rules(reply.Json));
        Assert.Empty((await Server.GetAsync("Claim?encounter=demo-encounter-06-1")).Ids);
        Assert.Equal(404, (await Server.GetAsync("Claim/nobody/$scrub")).Status);
    }

    private static string DemoMemberId() => MadeUpNumbers.MemberId(DemoPayers.BayHarbor, "demo-patient-09", 52);

    private async Task<IReadOnlyList<JsonNode>> TasksAsync(string claim) =>
        [.. (await Server.GetAsync($"Task?focus={claim}")).Entries.Select(e => e["resource"]!)];

    private async Task<IReadOnlyList<string>> EventuallyAsync(string query)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(20);)
        {
            if ((await Server.GetAsync(query)).Ids is { Count: > 0 } ids)
                return ids;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        return [];
    }
}

public sealed class SqliteClaimTests(SqliteWorkingBilling server) : ClaimTests(server), IClassFixture<SqliteWorkingBilling>;

public sealed class PostgresClaimTests(PostgresWorkingBilling server) : ClaimTests(server), IClassFixture<PostgresWorkingBilling>;
