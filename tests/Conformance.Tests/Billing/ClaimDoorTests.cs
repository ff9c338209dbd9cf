using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>The scrub rules where claims are written and where their warnings are let stand.</summary>
public sealed class ClaimDoorTests(StrictBilling server) : OnServer(server), IClassFixture<StrictBilling>
{
    [Fact]
    public async Task An_active_claim_that_a_rule_rejects_is_not_stored_and_a_sound_one_is()
    {
        var path = (await server.ClaimAsync("demo-encounter-01-1")).Claim();
        var claim = (await Server.GetAsync(path)).Json;
        claim["status"] = "active";
        var sound = await Server.PutAsync(path, claim.ToJsonString());
        Assert.True(sound.Status == 200, sound.Body);

        var stored = (await Server.GetAsync(path)).Json;
        stored["total"]!["value"] = 1;
        var refused = await Server.PutAsync(path, stored.ToJsonString());

        Assert.Equal(422, refused.Status);
        Assert.Contains("AMT-003: Total differs", refused.Body, StringComparison.Ordinal);
        Assert.Contains("Claim.total", refused.Body, StringComparison.Ordinal);
        stored["status"] = "draft";
        Assert.Equal(200, (await Server.PutAsync(path, stored.ToJsonString())).Status);
    }

    [Fact]
    public async Task A_warning_is_let_stand_with_a_reason()
    {
        var path = (await server.ClaimAsync("demo-encounter-06-1")).Claim();
        const string None = """{"resourceType":"Parameters"}""";

        var unreasoned = await Server.PostAsync($"{path}/$let-stand?rule=COV-010", None);
        var unknown = await Server.PostAsync($"{path}/$let-stand?rule=PAT-001&reason=known", None);
        var stood = await Server.PostAsync($"{path}/$let-stand?rule=COV-010&reason=Asked%20by%20telephone.", None);

        Assert.Equal((422, 422, 200), (unreasoned.Status, unknown.Status, stood.Status));
        Assert.Contains("Asked by telephone.", stood.Body, StringComparison.Ordinal);
        var issue = stood.Json["issue"]!.AsArray().Single(i => i!["details"]!["coding"]?[0]?["code"]?.GetValue<string>() == "COV-010")!;
        Assert.Equal("information", issue["severity"]!.GetValue<string>());
    }
}
