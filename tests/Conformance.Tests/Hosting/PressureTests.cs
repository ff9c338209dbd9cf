using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Time, turns and rates run out, and clients leave (reliability; security §8): each has its answer, and the work ends on the server, too.</summary>
public abstract class PressureTests(PostgresCluster? cluster) : IAsyncLifetime
{
    private Pressed? server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Pressed Server => server!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_write_that_takes_too_long_is_504_and_writes_nothing()
    {
        await StartAsync(("Limits:RequestTime", "00:00:01"));
        await using (await StoreBlock.BeginAsync(Server))
        {
            var reply = await StoreAsync("late");
            Assert.Equal((504, "timeout"), (reply.Status, reply.Json["issue"]![0]!["code"]!.GetValue<string>()));
        }

        Assert.Equal(201, (await StoreAsync("next")).Status);
        Assert.Equal((0, 1), (await CountAsync("late"), await CountAsync("next")));
    }

    [Fact]
    public async Task A_client_who_leaves_takes_its_work_along()
    {
        await StartAsync();
        await using (var block = await StoreBlock.BeginAsync(Server))
        {
            using var leave = new CancellationTokenSource();
            var write = Server.Http.PostAsync("Patient", Body("gone"), leave.Token);
            var read = cluster is null ? null : Server.Http.GetAsync("Patient?family=x", leave.Token);
            await UntilAsync(() => Task.FromResult(Running("write") == 1 && (read is null || Running("read") == 1)));
            if (cluster is not null)
                await UntilAsync(async () => await block.WaitingAsync() == 2);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);

            await UntilAsync(() => Task.FromResult(Running("write") == 0 && Running("read") == 0)); // while the lock is still held
            if (cluster is not null)
                await UntilAsync(async () => await block.WaitingAsync() == 0); // the database no longer works for nobody
        }

        Assert.Equal(201, (await StoreAsync("next")).Status);
        Assert.Equal(0, await CountAsync("gone"));
    }

    [Fact]
    public async Task Beyond_the_queue_it_is_503_and_for_the_client_that_fills_it_429_both_with_the_time_to_come_back()
    {
        await StartAsync(("Limits:Writes", "2"), ("Limits:Queue", "0"));
        Task<HttpResponseMessage>[] first;
        await using (await StoreBlock.BeginAsync(Server))
        {
            first = [.. Enumerable.Range(0, 2).Select(_ =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, "Patient") { Content = Body("first") };
                request.Headers.Add("X-Forwarded-For", "192.0.2.1");
                return Server.Http.SendAsync(request, Ct);
            })];
            await UntilAsync(() => Task.FromResult(Running("write") == 2));

            var other = await StoreAsync("other", ("X-Forwarded-For", "192.0.2.2"));
            Assert.Equal((503, "throttled", "1"), (other.Status, Code(other), other.Headers["Retry-After"]));
            var same = await StoreAsync("same", ("X-Forwarded-For", "192.0.2.1"));
            Assert.Equal((429, "throttled", "5"), (same.Status, Code(same), same.Headers["Retry-After"]));
            Assert.Equal(200, (await Server.GetAsync("../health/live")).Status);
            Assert.Equal(200, (await Server.GetAsync("metadata")).Status); // reads have turns of their own
        }

        Assert.All(await Task.WhenAll(first), reply => Assert.Equal(201, (int)reply.StatusCode));
        Assert.Equal((2, 0, 0), (await CountAsync("first"), await CountAsync("other"), await CountAsync("same")));
    }

    [Fact]
    public async Task Beyond_its_rate_an_address_gets_429_and_others_none()
    {
        await StartAsync(("Limits:AddressPerMinute", "5"));
        Assert.Equal(200, (await Server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.1"))).Status);

        var over = await Server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.1"));
        for (var n = 0; n < 50 && over.Status == 200; n++) // a slow machine may earn some more on the way
            over = await Server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.1"));
        Assert.Equal((429, "throttled"), (over.Status, Code(over)));
        Assert.InRange(int.Parse(over.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 12); // a fifth of a minute for the next
        Assert.Equal(200, (await Server.GetAsync("metadata", ("X-Forwarded-For", "192.0.2.2"))).Status);
        for (var n = 0; n < 10; n++)
            Assert.Equal(200, (await Server.GetAsync("metadata")).Status); // this machine
    }

    [Fact]
    public async Task Answers_that_find_no_room_in_memory_are_503_and_what_was_done_is_told()
    {
        await StartAsync(("Limits:AnswerBytesInFlight", "1000"));
        var stored = await Server.PostAsync("Patient", """{"resourceType":"Patient","active":true}""", ("Prefer", "return=representation"));
        Assert.Equal(201, stored.Status);
        Assert.Equal(200, (await Server.GetAsync("metadata")).Status); // larger, but alone

        var answers = Server.Services.GetRequiredService<AnswersInFlight>();
        using (answers.Take(new("POST", FhirEmr.FhirServer.Rest.FhirTarget.Parse("Patient", out _)!, FhirEmr.FhirServer.Security.Access.Caller.Anonymous) { BaseUrl = "" },
            new(200) { Json = new byte[990] })) // somebody slow
        {
            var refused = await Server.GetAsync("metadata");
            Assert.Equal((503, "throttled", "1"), (refused.Status, Code(refused), refused.Headers["Retry-After"]));
            Assert.Equal(201, (await StoreAsync("told")).Status);
        }

        Assert.Equal(200, (await Server.GetAsync("metadata")).Status);
    }

    private async Task StartAsync(params (string Name, string Value)[] settings)
    {
        server = new Pressed(cluster, settings);
        await server.InitializeAsync();
        Assert.SkipWhen(server.WhyNot is not null, server.WhyNot ?? "");
        Assert.Equal(201, (await StoreAsync("warm")).Status);
    }

    private Task<Reply> StoreAsync(string name, params (string Name, string Value)[] headers) => Server.PostAsync("Patient", Text(name), headers);

    private async Task<int> CountAsync(string name) => (await Server.GetAsync($"Patient?identifier=urn:pressure|{name}&_summary=count")).Json["total"]!.GetValue<int>();

    private int Running(string lane) => Server.Services.GetRequiredService<Admission>().Lanes.Single(l => l.Name == lane).Running;

    private static string Code(Reply reply) => reply.Json["issue"]![0]!["code"]!.GetValue<string>();

    private static StringContent Body(string name) => new(Text(name), System.Text.Encoding.UTF8, "application/fhir+json");

    private static string Text(string name) => $$"""{"resourceType":"Patient","identifier":[{"system":"urn:pressure","value":"{{name}}"}]}""";

    /// <summary>Waits for what must come about; the run's own time limit ends a wait in vain.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var n = 0; n < 2000; n++, await Task.Delay(10, Ct))
            if (await holds())
                return;
        Assert.Fail("It did not come about.");
    }

    private sealed class Pressed(PostgresCluster? cluster, (string Name, string Value)[] settings) : ServerFixture(cluster)
    {
        protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)))
        {
            ["Proxy:Trusted"] = "127.0.0.1, ::1",
            ["Storage:StatementTimeoutSeconds"] = "60",
            ["Storage:ReadCacheMiB"] = "0", // or the node's own lock, lost for lack of turns, would answer first
        };
    }
}

public sealed class SqlitePressureTests() : PressureTests(null);

public sealed class PostgresPressureTests(PostgresCluster cluster) : PressureTests(cluster);
