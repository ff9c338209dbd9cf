using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>https://hl7.org/fhir/R4/async.html: 202 and the address of a job, then the answer as a batch-response.</summary>
public abstract class AsyncTests(ServerFixture fixture) : OnServer(fixture)
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Fact]
    public async Task A_transaction_runs_in_the_background_and_its_answer_waits()
    {
        var accepted = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","identifier":[{"system":"urn:async","value":"tx"}]},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"urn:uuid:p"}},"request":{"method":"POST","url":"Basic"}}]}
            """, Async);

        Assert.Equal(202, accepted.Status);
        Assert.StartsWith(Server.BaseUrl + "/$job/", accepted.Location, StringComparison.Ordinal);
        var done = await DoneAsync(accepted);
        Assert.Equal("batch-response", done.Json["type"]!.GetValue<string>());
        Assert.True(done.Headers.ContainsKey("Expires"));
        var entry = Assert.Single(done.Entries);
        Assert.Equal("200", entry["response"]!["status"]!.GetValue<string>());
        Assert.Equal(["201", "201"], entry["resource"]!["entry"]!.AsArray().Select(e => e!["response"]!["status"]!.GetValue<string>()));
        Assert.Single((await Server.GetAsync("Patient?identifier=urn:async|tx")).Entries);
    }

    [Fact]
    public async Task A_query_of_GraphQL_is_answered_at_once()
    {
        await Server.PutAsync("Patient/async-g", """{"resourceType":"Patient","id":"async-g","gender":"female"}""");

        foreach (var reply in new[]
        {
            await Server.GetAsync("Patient/async-g/$graphql?query={gender}", Async),
            await Server.SendAsync(HttpMethod.Post, "Patient/async-g/$graphql", """{"query":"{gender}"}""", "application/json", Async),
        })
            Assert.Equal((200, """{"data":{"gender":"female"}}"""), (reply.Status, reply.Body));
    }

    [Fact]
    public async Task A_search_runs_in_the_background_too()
    {
        await Server.PutAsync("Patient/async-1", """{"resourceType":"Patient","id":"async-1","name":[{"family":"Later"}]}""");

        var get = await DoneAsync(await Server.GetAsync("Patient?family=later", Async));
        var post = await DoneAsync(await Server.SendAsync(HttpMethod.Post, "Patient/_search", "family=later", "application/x-www-form-urlencoded", Async));

        Assert.All([get, post], r => Assert.Equal("async-1", r.Entries[0]["resource"]!["entry"]![0]!["resource"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_refusal_is_the_answer_of_the_job()
    {
        var done = await DoneAsync(await Server.GetAsync("Patient?famly=x", Async));

        Assert.Equal("400", done.Entries[0]["response"]!["status"]!.GetValue<string>());
        Assert.Contains("family", done.Entries[0]["response"]!["outcome"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_given_up_is_gone()
    {
        var accepted = await Server.GetAsync("Patient?family=none", Async);

        Assert.Equal(202, (await Server.DeleteAsync(accepted.Location!)).Status);
        Assert.Equal(404, (await Server.GetAsync(accepted.Location!)).Status);
        Assert.Equal(404, (await Server.GetAsync("$job/never")).Status);
        Assert.Equal(405, (await Server.PostAsync("$job/never", """{"resourceType":"Parameters"}""")).Status);
    }

    [Fact]
    public async Task Under_an_idempotency_key_a_repeat_finds_the_same_job()
    {
        const string bundle = """{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:async","value":"once"}]},"request":{"method":"POST","url":"Patient"}}]}""";
        (string, string)[] headers = [Async, ("Idempotency-Key", "async-once")];

        var first = await Server.PostAsync("", bundle, headers);
        var second = await Server.PostAsync("", bundle, headers);

        Assert.Equal((202, first.Location, "true"), (second.Status, second.Location, second.Headers["Idempotency-Replayed"]));
        Assert.Equal("201", (await DoneAsync(first)).Entries[0]["resource"]!["entry"]![0]!["response"]!["status"]!.GetValue<string>());
        Assert.Single((await Server.GetAsync("Patient?identifier=urn:async|once")).Entries);
    }

    [Fact]
    public async Task What_is_quick_is_answered_at_once()
    {
        Assert.Equal(201, (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""", Async)).Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/async-none", Async)).Status);
    }

    [Fact]
    public async Task Many_jobs_at_once_all_end()
    {
        var accepted = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Server.GetAsync($"Patient?family=many{i}", Async)));
        foreach (var reply in accepted)
            Assert.Equal("200", (await DoneAsync(reply)).Entries[0]["response"]!["status"]!.GetValue<string>());
    }

    private async Task<Reply> DoneAsync(Reply accepted)
    {
        Assert.Equal(202, accepted.Status);
        for (var i = 0; i < 600; i++)
        {
            var reply = await Server.GetAsync(accepted.Location!);
            if (reply.Status != 202)
            {
                Assert.Equal(200, reply.Status);
                return reply;
            }

            Assert.True(reply.Headers["X-Progress"] is "queued" or "running");
            Assert.True(reply.Headers.ContainsKey("Retry-After"));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException("The job did not end.");
    }
}

public sealed class SqliteAsyncTests(SqliteServer server) : AsyncTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresAsyncTests(PostgresServer server) : AsyncTests(server), IClassFixture<PostgresServer>;
