using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>A server that waits up to an hour before the second try, and whose pages are small.</summary>
public sealed class PatientSubscriptionServer() : SubscriptionServer(null)
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings)
    {
        ["Subscriptions:FirstRetry"] = "01:00:00",
        ["Subscriptions:RetryFor"] = "02:00:00",
        ["Search:MaxPageBytes"] = "2000",
    };
}

/// <summary>Waiting for the next try ends when somebody has seen to it.</summary>
[Trait("Requirement", "R-24")]
public sealed class SubscriptionWaitTests(PatientSubscriptionServer server) : OnServer(server), IClassFixture<PatientSubscriptionServer>
{
    private new PatientSubscriptionServer Server => (PatientSubscriptionServer)base.Server;

    private Receiver Receiver => Server.Receiver;

    [Fact]
    public async Task A_mended_endpoint_is_told_at_once()
    {
        Receiver.Answer("broken", 410);
        var id = await Server.BeginAsync(Server.Search("broken", "Patient?family=Mended"));
        await Server.PatientAsync("Mended");
        await Receiver.RefusedAsync("broken", 1);

        var mended = Server.Search("mended", "Patient?family=Mended").Replace("\"status\":\"requested\"", $"\"id\":\"{id}\",\"status\":\"requested\"", StringComparison.Ordinal);
        Assert.Equal(200, (await Server.PutAsync($"Subscription/{id}", mended)).Status);
        Assert.Equal(1, Assert.Single(await Receiver.WaitAsync("mended", 1)).Number);
        Assert.Equal(1, Receiver.Refused("broken"));
    }

    [Fact]
    public async Task A_replay_is_told_at_once()
    {
        Receiver.Answer("replayed", 410);
        var id = await Server.BeginAsync(Server.Search("replayed", "Patient?family=Replayed"));
        await Server.PatientAsync("Replayed");
        await Receiver.RefusedAsync("replayed", 1);

        Receiver.Answer("replayed", 200);
        Assert.Equal(200, (await Server.PostAsync($"Subscription/{id}/$replay", "")).Status);
        Assert.Equal(1, Assert.Single(await Receiver.WaitAsync("replayed", 1)).Number);
    }

    [Fact]
    [Trait("Requirement", "R-42")]
    public async Task Large_events_come_in_several_notifications_and_answers()
    {
        var more = $$"""[{"url":"{{SubscriptionServer.Profile("backport-max-count")}}","valuePositiveInt":100}]""";
        Receiver.Answer("large", 200);
        var id = await Server.BeginAsync(Server.Topic("large", "patient-changed", "full-resource", "identifier=urn:large|1", more));
        for (var i = 0; i < 6; i++)
            await Server.PatientAsync(new string('x', 900), ",\"identifier\":[{\"system\":\"urn:large\",\"value\":\"1\"}]");
        await Receiver.WaitAsync("large", 1, r => r.Told.Events.Any(e => e.Number == 6));

        Assert.Equal(Enumerable.Range(1, 6), Receiver.Taken("large").SelectMany(t => t.Told.Events.Select(e => e.Number)));
        Assert.Equal([1, 2], (await Server.EventsAsync(id)).Events.Select(e => e.Number));
        Assert.Equal([3, 4], (await Server.EventsAsync(id, "?eventsSinceNumber=3")).Events.Select(e => e.Number));
    }
}
