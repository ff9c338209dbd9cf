using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>Reliability R-20: under an Idempotency-Key a request is done once, and its repeats get the first answer.</summary>
public abstract class IdempotencyTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_repeated_create_gets_the_first_answer_and_makes_nothing()
    {
        var body = Patient("create");
        var first = await PostAsync("Patient", body, "k-create");
        var second = await PostAsync("Patient", body, "k-create");

        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal((first.Body, first.ETag, first.Location), (second.Body, second.ETag, second.Location));
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Single((await Server.GetAsync("Patient?identifier=urn:idem|create")).Entries);
    }

    [Fact]
    public async Task The_answer_stays_the_first_when_the_resource_has_moved_on()
    {
        var first = await PostAsync("Patient", Patient("moved"), "k-moved");
        await Server.PutAsync($"Patient/{first.Id}", Patient("moved").Replace("\"Patient\"", $"\"Patient\",\"id\":\"{first.Id}\",\"active\":false", StringComparison.Ordinal));

        Assert.Equal(first.Body, (await PostAsync("Patient", Patient("moved"), "k-moved")).Body);
    }

    [Fact]
    public async Task Another_request_under_the_key_is_refused()
    {
        await PostAsync("Patient", Patient("other"), "k-other");

        var reply = await PostAsync("Patient", Patient("something else"), "k-other");
        Assert.Equal(422, reply.Status);
        Assert.Contains("belongs to another request", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(422, (await PostAsync("Person", """{"resourceType":"Person"}""", "k-other")).Status);
        Assert.Equal(422, (await Server.PostAsync("Patient", Patient("other"), ("Idempotency-Key", "k-other"), ("If-None-Exist", "identifier=urn:idem|x"))).Status);
        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:idem|something else")).Entries);
    }

    [Fact]
    public async Task Parallel_repeats_do_the_work_once()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => PostAsync("Patient", Patient("parallel"), "k-parallel")));

        Assert.All(replies, r => Assert.True(r.Status is 201 or 409, r.Body));
        Assert.All(replies.Where(r => r.Status == 409), r => Assert.Equal("1", r.Headers["Retry-After"]));
        Assert.Single(replies.Where(r => r.Status == 201).Select(r => r.Id).Distinct());
        Assert.Single((await Server.GetAsync("Patient?identifier=urn:idem|parallel")).Entries);
    }

    [Fact]
    public async Task A_refusal_is_not_kept()
    {
        const string bad = """{"resourceType":"Patient","managingOrganization":{"reference":"Organization/idem-later"}}""";
        Assert.Equal(422, (await PostAsync("Patient", bad, "k-refused")).Status);

        await Server.PutAsync("Organization/idem-later", """{"resourceType":"Organization","id":"idem-later","name":"O"}""");
        Assert.Equal(201, (await PostAsync("Patient", bad, "k-refused")).Status);
    }

    [Theory]
    [InlineData("return=minimal")]
    [InlineData("return=representation")]
    [InlineData(null)]
    public async Task A_repeated_transaction_gets_the_first_answer(string? prefer)
    {
        var name = "tx-" + prefer?[7..];
        var bundle = Bundle("transaction", Post(Patient(name)), Post(Patient(name)));
        (string, string)[] headers = prefer is null ? [("Idempotency-Key", name)] : [("Idempotency-Key", name), ("Prefer", prefer)];

        var first = await Server.PostAsync("", bundle, headers);
        var second = await Server.PostAsync("", bundle, headers);

        Assert.Equal(200, first.Status);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Equal(2, (await Server.GetAsync("Patient?identifier=urn:idem|" + name)).Entries.Count);
    }

    [Fact]
    public async Task A_large_answer_is_made_again_from_the_versions_written()
    {
        var large = new string('x', 200_000);
        var bundle = Bundle("transaction", [.. Enumerable.Range(0, 3).Select(i => Post($$"""{"resourceType":"Basic","code":{"text":"large {{i}} {{large}}"} }"""))]);

        var first = await Server.PostAsync("", bundle, ("Idempotency-Key", "k-large"), ("Prefer", "return=representation"));
        await Server.DeleteAsync($"Basic/{first.Entries[1]["resource"]!["id"]}");
        var second = await Server.PostAsync("", bundle, ("Idempotency-Key", "k-large"), ("Prefer", "return=representation"));

        Assert.Equal(first.Entries.Select(e => e.ToJsonString()), second.Entries.Select(e => e.ToJsonString()));
        var body = $$"""{"resourceType":"Basic","code":{"text":"{{large}}{{large}}"} }""";
        Assert.Equal((await PostAsync("Basic", body, "k-large-one")).Body, (await PostAsync("Basic", body, "k-large-one")).Body);
    }

    [Fact]
    public async Task A_transaction_that_also_reads_reads_again()
    {
        var bundle = Bundle("transaction", Post(Patient("reads")), """{"request":{"method":"GET","url":"Patient?identifier=urn:idem|reads&_summary=count"}}""");

        var first = await PostAsync("", bundle, "k-reads");
        var second = await PostAsync("", bundle, "k-reads");

        Assert.Equal(first.Entries[0].ToJsonString(), second.Entries[0].ToJsonString());
        Assert.Equal(1, second.Entries[1]["resource"]!["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Each_entry_of_a_batch_is_done_once()
    {
        var bundle = Bundle("batch", Post(Patient("batch")), Post("""{"resourceType":"Patient","managingOrganization":{"reference":"Organization/idem-nowhere"}}"""), Post(Patient("batch")));

        var first = await PostAsync("", bundle, "k-batch");
        var second = await PostAsync("", bundle, "k-batch");

        Assert.Equal(["201", "422", "201"], first.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        Assert.Equal(first.Entries.Select(e => e.ToJsonString()), second.Entries.Select(e => e.ToJsonString()));
        Assert.Equal(2, (await Server.GetAsync("Patient?identifier=urn:idem|batch")).Entries.Count);
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Equal(422, (await PostAsync("", Bundle("batch", Post(Patient("batch2"))), "k-batch")).Status);
    }

    [Fact]
    public async Task A_repeated_batch_does_not_undo_what_others_did_in_between()
    {
        const string resource = """{"resourceType":"Basic","id":"idem-b","code":{"text":"mine"}}""";
        var bundle = Bundle("batch", $$$"""{"resource":{{{resource}}},"request":{"method":"PUT","url":"Basic/idem-b"}}""", """{"request":{"method":"DELETE","url":"Basic/idem-c"}}""");
        await Server.PutAsync("Basic/idem-c", """{"resourceType":"Basic","id":"idem-c","code":{"text":"old"}}""");

        var first = await PostAsync("", bundle, "k-undo");
        await Server.PutAsync("Basic/idem-b", resource.Replace("mine", "theirs", StringComparison.Ordinal));
        await Server.PutAsync("Basic/idem-c", """{"resourceType":"Basic","id":"idem-c","code":{"text":"again"}}""");
        var second = await PostAsync("", bundle, "k-undo");

        Assert.Equal(first.Entries.Select(e => e.ToJsonString()), second.Entries.Select(e => e.ToJsonString()));
        Assert.Contains("theirs", (await Server.GetAsync("Basic/idem-b")).Body, StringComparison.Ordinal);
        Assert.Contains("again", (await Server.GetAsync("Basic/idem-c")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conditional_create_that_finds_something_is_kept_too()
    {
        await Server.PostAsync("Patient", Patient("found"));
        (string, string)[] headers = [("Idempotency-Key", "k-found"), ("If-None-Exist", "identifier=urn:idem|found")];

        Assert.Equal(200, (await Server.PostAsync("Patient", Patient("found"), headers)).Status);
        var again = await Server.PostAsync("Patient", Patient("found"), headers);
        Assert.Equal((200, "true"), (again.Status, again.Headers["Idempotency-Replayed"]));
    }

    [Fact]
    public async Task A_repeated_patch_adds_once()
    {
        await Server.PutAsync("Patient/idem-patch", """{"resourceType":"Patient","id":"idem-patch","name":[{"family":"A"}]}""");
        const string patch = """[{"op":"add","path":"/name/-","value":{"family":"B"}}]""";

        await Server.PatchAsync("Patient/idem-patch", patch, ("Idempotency-Key", "k-patch"));
        Assert.Equal("true", (await Server.PatchAsync("Patient/idem-patch", patch, ("Idempotency-Key", "k-patch"))).Headers["Idempotency-Replayed"]);
        Assert.Equal(2, (await Server.GetAsync("Patient/idem-patch")).Json["name"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_key_that_cannot_be_one_is_refused()
    {
        Assert.Equal(400, (await PostAsync("Patient", Patient("bad"), new string('k', 181))).Status);
        Assert.Equal(400, (await PostAsync("Patient", Patient("bad"), "two words")).Status);
        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:idem|bad")).Entries);
    }

    private Task<Reply> PostAsync(string path, string body, string key) => Server.PostAsync(path, body, ("Idempotency-Key", key));

    private static string Patient(string value) => $$"""{"resourceType":"Patient","identifier":[{"system":"urn:idem","value":"{{value}}"}]}""";

    private static string Post(string resource) =>
        $$$"""{"resource":{{{resource}}},"request":{"method":"POST","url":"{{{resource[17..resource.IndexOf('"', 17)]}}}"}}""";

    private static string Bundle(string type, params string[] entries) => $$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{string.Join(',', entries)}}]}""";
}

public sealed class SqliteIdempotencyTests(SqliteServer server) : IdempotencyTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresIdempotencyTests(PostgresServer server) : IdempotencyTests(server), IClassFixture<PostgresServer>;
