using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>R4's own subscriptions: a search, told by REST hook; whatever the subscriber does, each event reaches it in order.</summary>
[Trait("Requirement", "R-10")]
[Trait("Requirement", "R-24")]
public abstract class SearchSubscriptionTests(SubscriptionServer server) : OnServer(server)
{
    private new SubscriptionServer Server => (SubscriptionServer)base.Server;

    private Receiver Receiver => Server.Receiver;

    [Fact]
    public async Task What_a_search_finds_is_told_by_an_empty_post_or_as_the_resource()
    {
        await Server.BeginAsync(Server.Search("ping", "Patient?family=Pingu&gender=female"));
        var id = await Server.BeginAsync(Server.Search("whole", "Patient?family=Pingu", "application/fhir+json", ",\"header\":[\"X-Secret: abc\"]"));
        var first = await Server.PatientAsync("Pingu");
        await Server.PatientAsync("Other");
        Assert.Equal(200, (await Server.PutAsync($"Patient/{first}", $$"""{"resourceType":"Patient","id":"{{first}}","name":[{"family":"Pingu"}],"gender":"female"}""")).Status);

        var whole = await Receiver.WaitAsync("whole", 2);
        Assert.Equal([("PUT", $"/whole/Patient/{first}", "abc"), ("PUT", $"/whole/Patient/{first}", "abc")], whole.Select(w => (w.Method, w.Path, w.Headers["X-Secret"])));
        Assert.Equal((null, "female"), ((string?)whole[0].Json["gender"], (string?)whole[1].Json["gender"]));
        Assert.Equal([$"{id}.1", $"{id}.2"], whole.Select(w => w.Headers["Idempotency-Key"]));
        var ping = Assert.Single(await Receiver.WaitAsync("ping", 1));
        Assert.Equal(("POST", "/ping", "", 1), (ping.Method, ping.Path, ping.Body, ping.Number));
    }

    [Fact]
    public async Task A_subscriber_that_was_down_gets_every_event_in_order()
    {
        Receiver.Answer("down", 503);
        await Server.BeginAsync(Server.Search("down", "Patient?family=Downey", "application/fhir+json"));
        var patients = new List<string>();
        for (var i = 0; i < 30; i++)
            patients.Add(await Server.PatientAsync("Downey"));
        Receiver.Answer("down", 200);

        var taken = await Receiver.WaitAsync("down", 30);
        Assert.True(Receiver.Refused("down") > 0);
        Assert.Equal(Enumerable.Range(1, 30), taken.Select(t => t.Number));
        Assert.Equal(patients.Select(p => $"/down/Patient/{p}"), taken.Select(t => t.Path));
    }

    [Fact]
    public async Task One_that_hangs_redirects_or_fails_delays_no_other()
    {
        var over = new TaskCompletionSource();
        Receiver.Answer("hang", async http =>
        {
            await Task.WhenAny(over.Task, Task.Delay(Timeout.Infinite, http.RequestAborted));
            return 200;
        });
        Receiver.Answer("redirect", http =>
        {
            http.Response.Headers.Location = Receiver.Url + "/elsewhere";
            return Task.FromResult(307);
        });
        Receiver.Answer("fail", 500);
        foreach (var name in (string[])["hang", "redirect", "fail", "good"])
            await Server.BeginAsync(Server.Search(name, "Patient?family=Mixed"));
        for (var i = 0; i < 10; i++)
            await Server.PatientAsync("Mixed");

        Assert.Equal(Enumerable.Range(1, 10), (await Receiver.WaitAsync("good", 10)).Select(t => t.Number));
        Assert.Empty(Receiver.Taken("hang"));
        Assert.Empty(Receiver.Taken("elsewhere"));
        Assert.Empty(Receiver.Taken("fail"));
        over.SetResult();
    }

    [Fact]
    public async Task Who_takes_nothing_is_given_up_with_a_task_and_gets_all_by_a_replay()
    {
        Receiver.Answer("dead", 410);
        var id = await Server.BeginAsync(Server.Search("dead", "Patient?family=Gone"));
        var begun = TimeProvider.System.GetUtcNow();
        for (var i = 0; i < 3; i++)
            await Server.PatientAsync("Gone");

        var given = await Server.StandsAsync(id, "error");
        Assert.True(TimeProvider.System.GetUtcNow() - begun > TimeSpan.FromSeconds(2)); // RetryFor is three
        Assert.Contains("410", (string?)given["error"], StringComparison.Ordinal);
        var task = Assert.Single((await Server.GetAsync($"Task?code=urn:fhiremr:task|subscription-failed&focus=Subscription/{id}")).Entries);
        Assert.Equal("requested", (string?)task["resource"]!["status"]);
        await Server.PatientAsync("Gone"); // kept all the same
        await Server.EventsAsync(id, 4);

        Receiver.Answer("dead", 200);
        var replay = await Server.PostAsync($"Subscription/{id}/$replay?from=2", "");
        Assert.True(replay.Status == 200, replay.Body);
        Assert.Equal([2, 3, 4], (await Receiver.WaitAsync("dead", 3)).Select(t => t.Number));
        await Server.StandsAsync(id, "active");
        Assert.Equal(422, (await Server.PostAsync($"Subscription/{id}/$replay?from=9", "")).Status);
    }

    [Fact]
    public async Task Off_deleted_and_over_ones_are_told_nothing_more()
    {
        var off = await Server.BeginAsync(Server.Search("off", "Patient?family=Quiet"));
        var deleted = await Server.BeginAsync(Server.Search("deleted", "Patient?family=Quiet"));
        var over = (await Server.PostAsync("Subscription", Server.Search("over", "Patient?family=Quiet").Replace("\"reason\"", $"\"end\":\"{TimeProvider.System.GetUtcNow().AddSeconds(1).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}\",\"reason\"", StringComparison.Ordinal))).Id; // it may be over before it was seen active
        await Server.BeginAsync(Server.Search("witness", "Patient?family=Quiet"));
        Assert.Equal(200, (await Server.PutAsync($"Subscription/{off}", Server.Search("off", "Patient?family=Quiet").Replace("\"status\":\"requested\"", $"\"id\":\"{off}\",\"status\":\"off\"", StringComparison.Ordinal))).Status);
        Assert.Equal(204, (await Server.DeleteAsync($"Subscription/{deleted}")).Status);
        await Server.StandsAsync(over, "off");
        await Server.PatientAsync("Quiet");
        await Receiver.WaitAsync("witness", 1);
        Assert.Equal(410, (await Server.GetAsync($"Subscription/{deleted}/$events")).Status);
        Assert.Empty((await Server.EventsAsync(off)).Events);
        Assert.Empty((await Server.EventsAsync(over)).Events);

        // On again it goes on from now.
        Assert.Equal(200, (await Server.PutAsync($"Subscription/{off}", Server.Search("off", "Patient?family=Quiet").Replace("\"status\":\"requested\"", $"\"id\":\"{off}\",\"status\":\"requested\"", StringComparison.Ordinal))).Status);
        await Server.StandsAsync(off, "active");
        await Server.PatientAsync("Quiet");
        Assert.Equal(1, Assert.Single(await Receiver.WaitAsync("off", 1)).Number);
    }

    [Theory]
    [InlineData("Patient?familie=x", null, 422, "familie")]
    [InlineData("Patiant?family=x", null, 422, "Patient")]
    [InlineData("Patient?_sort=family", null, 422, "_sort")]
    [InlineData("Observation?_content=sugar", null, 422, "_content")]
    [InlineData("urn:fhiremr:SubscriptionTopic:encounter-strat", null, 422, "encounter-start")]
    [InlineData("Patient?family=x", "http://10.1.2.3/hook", 422, "https")]
    [InlineData("Patient?family=x", "https://10.1.2.3/hook", 422, "does not go to")]
    [InlineData("Patient?family=x", "https://169.254.169.254/latest", 422, "does not go to")]
    [InlineData("Patient?family=x", "ftp://127.0.0.1/hook", 422, "https")]
    [InlineData("Patient?family=x", "hook", 422, "address")]
    [Trait("Requirement", "S-76")]
    public async Task What_cannot_be_served_is_not_stored(string criteria, string? endpoint, int status, string fix)
    {
        var sent = Server.Search("x", criteria);
        var reply = await Server.PostAsync("Subscription", endpoint is null ? sent : sent.Replace($"{Receiver.Url}/x", endpoint, StringComparison.Ordinal));
        Assert.True(reply.Status == status, reply.Body);
        Assert.Contains(fix, reply.Diagnostics, StringComparison.Ordinal);
    }
}

[Collection(SubscriptionSqlite.Name)]
public sealed class SqliteSearchSubscriptionTests(SubscriptionSqlite server) : SearchSubscriptionTests(server);

[Collection(SubscriptionPostgres.Name)]
public sealed class PostgresSearchSubscriptionTests(SubscriptionPostgres server) : SearchSubscriptionTests(server);
