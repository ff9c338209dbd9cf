using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

public sealed class BillingServer() : ServerFixture(null)
{
    protected override void Configure(WebApplicationBuilder builder) =>
        builder.Services.AddHostedService<BillingWorker>().PostConfigure<BillingOptions>(o => o.CycleSeconds = 1);
}

public sealed class AutomaticBillingTests(BillingServer fixture) : OnServer(fixture), IClassFixture<BillingServer>
{
    [Fact]
    public async Task An_encounter_that_becomes_finished_is_billed_once_and_the_server_comes_to_rest()
    {
        await Server.PutAsync("Patient/seen", """{"resourceType":"Patient","id":"seen"}""");
        await Server.PutAsync("Encounter/seen", Encounter("in-progress"));
        Assert.Equal(200, (await Server.PutAsync("Encounter/seen", Encounter("finished"))).Status);

        for (var wait = 0; wait < 100 && (await Server.GetAsync("Basic/billing-cursor")).Status != 200; wait++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        await Task.Delay(2500, TestContext.Current.CancellationToken); // two more turns

        Assert.Single((await Server.GetAsync("Claim?encounter=Encounter/seen")).Ids);
        Assert.Equal("W/\"1\"", (await Server.GetAsync("Basic/billing-cursor")).ETag);
    }

    private static string Encounter(string status) =>
        $$$"""{"resourceType":"Encounter","id":"seen","status":"{{{status}}}","class":{"code":"AMB"},"subject":{"reference":"Patient/seen"},"period":{"start":"2026-03-02"},"type":[{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]}]}""";
}
