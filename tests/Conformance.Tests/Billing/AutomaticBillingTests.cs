using FhirEmr.BillingBridge.Ports;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

public sealed class AutomaticBillingServer() : ServerFixture(null)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<BillingWorker>().PostConfigure<BillingOptions>(o => o.CycleSeconds = 1);
        builder.Services.AddSingleton<IFhirRecords>(services => new BrittleRecords(ActivatorUtilities.CreateInstance<InProcessFhirRecords>(services)));
    }

    /// <summary>Fails twice to read the chart of the encounter <c>brittle</c>.</summary>
    private sealed class BrittleRecords(InProcessFhirRecords inner) : IFhirRecords
    {
        private int failures = 2;

        public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
            where T : Resource => inner.ReadAsync<T>(id, ct);

        public IAsyncEnumerable<T> SearchAsync<T>(string query, CancellationToken ct)
            where T : Resource => inner.SearchAsync<T>(query, ct);

        public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct) => inner.CommitAsync(transaction, ct);

        public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) =>
            encounterId == "brittle" && failures-- > 0 ? throw new IOException("The disk is away.") : inner.ReadChartAsync(encounterId, ct);
    }
}

public sealed class AutomaticBillingTests(AutomaticBillingServer fixture) : OnServer(fixture), IClassFixture<AutomaticBillingServer>
{
    [Fact]
    public async Task An_encounter_that_becomes_finished_is_billed_once_and_the_server_comes_to_rest()
    {
        await FinishAsync("seen");
        await WaitForClaimAsync("seen");
        await Task.Delay(2500, TestContext.Current.CancellationToken); // two more turns

        Assert.Single((await Server.GetAsync("Claim?encounter=Encounter/seen")).Ids);
        var writes = (await Server.GetAsync("Basic/billing-cursor")).Json["meta"]!["versionId"]!.GetValue<string>();
        Assert.True(int.Parse(writes, System.Globalization.CultureInfo.InvariantCulture) <= 4, $"The cursor was written {writes} times.");
    }

    [Fact]
    public async Task An_encounter_that_fails_does_not_keep_the_next_one_waiting_and_is_tried_again()
    {
        await FinishAsync("brittle");
        await FinishAsync("sound");

        await WaitForClaimAsync("sound");
        await WaitForClaimAsync("brittle");

        Assert.Single((await Server.GetAsync("Claim?encounter=Encounter/brittle")).Ids);
    }

    private async Task FinishAsync(string id)
    {
        await Server.PutAsync($"Patient/{id}", $$$"""{"resourceType":"Patient","id":"{{{id}}}"}""");
        await Server.PutAsync($"Encounter/{id}", Encounter(id, "in-progress"));
        Assert.Equal(200, (await Server.PutAsync($"Encounter/{id}", Encounter(id, "finished"))).Status);
    }

    private async Task WaitForClaimAsync(string id)
    {
        for (var wait = 0; wait < 100 && (await Server.GetAsync($"Claim?encounter=Encounter/{id}")).Ids.Count == 0; wait++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
    }

    private static string Encounter(string id, string status) =>
        $$$"""{"resourceType":"Encounter","id":"{{{id}}}","status":"{{{status}}}","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{id}}}"},"period":{"start":"2026-03-02"},"type":[{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]}]}""";
}
