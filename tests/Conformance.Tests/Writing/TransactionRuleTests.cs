using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>http.html#trules, rule by rule, beside what Rest/TransactionTests shows already.</summary>
public abstract class TransactionRuleTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task Attachments_contained_resources_and_canonicals_follow_the_new_ids()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:33333333-3333-3333-3333-333333333333","resource":{"resourceType":"Binary","contentType":"text/plain","data":"eA=="},"request":{"method":"POST","url":"Binary"}},
              {"fullUrl":"urn:uuid:44444444-4444-4444-4444-444444444444","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"DocumentReference","status":"current","contained":[{"resourceType":"RelatedPerson","id":"r","patient":{"reference":"urn:uuid:44444444-4444-4444-4444-444444444444"}}],"subject":{"reference":"urn:uuid:44444444-4444-4444-4444-444444444444"},"author":[{"reference":"#r"}],"content":[{"attachment":{"url":"urn:uuid:33333333-3333-3333-3333-333333333333"}}]},"request":{"method":"POST","url":"DocumentReference"}}]}
            """);

        Assert.Equal(200, reply.Status);
        var stored = (await Server.GetAsync($"DocumentReference/{Id(reply, 2)}")).Body;
        Assert.DoesNotContain("urn:uuid:", stored, StringComparison.Ordinal);
        Assert.Contains($"\"url\":\"Binary/{Id(reply, 0)}\"", stored, StringComparison.Ordinal);
        Assert.Equal(2, stored.Split($"\"reference\":\"Patient/{Id(reply, 1)}\"").Length - 1);
    }

    [Fact]
    public async Task A_resource_and_the_reference_to_it_can_go_together()
    {
        await Server.PutAsync("Organization/tr-org", """{"resourceType":"Organization","id":"tr-org","name":"O"}""");
        await Server.PutAsync("Patient/tr-ref", """{"resourceType":"Patient","id":"tr-ref","managingOrganization":{"reference":"Organization/tr-org"}}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","id":"tr-ref","active":true},"request":{"method":"PUT","url":"Patient/tr-ref"}},
              {"request":{"method":"DELETE","url":"Organization/tr-org"}}]}
            """);

        Assert.Equal(["200", "204"], Statuses(reply));
        Assert.Equal(410, (await Server.GetAsync("Organization/tr-org")).Status);
    }

    [Fact]
    public async Task If_Match_inside_a_transaction_undoes_all()
    {
        await Server.PutAsync("Basic/tr-m", """{"resourceType":"Basic","id":"tr-m","code":{"text":"1"}}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Basic","id":"tr-n","code":{"text":"1"}},"request":{"method":"PUT","url":"Basic/tr-n"}},
              {"request":{"method":"DELETE","url":"Basic/tr-m","ifMatch":"W/\"4\""}}]}
            """);

        Assert.Equal(412, reply.Status);
        Assert.Contains("Entry 1", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal((404, 200), ((await Server.GetAsync("Basic/tr-n")).Status, (await Server.GetAsync("Basic/tr-m")).Status));
    }

    [Theory]
    [InlineData("transaction")]
    [InlineData("batch")]
    public async Task Reads_in_Bundles_take_conditions_and_HEAD_has_no_body(string type)
    {
        await Server.PutAsync("Basic/tr-c", """{"resourceType":"Basic","id":"tr-c","code":{"text":"1"}}""");
        var etag = (await Server.GetAsync("Basic/tr-c")).ETag!.Replace("\"", "\\\"", StringComparison.Ordinal);

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"TYPE","entry":[
              {"request":{"method":"GET","url":"Basic/tr-c","ifNoneMatch":"ETAG"}},
              {"request":{"method":"GET","url":"Basic/tr-c","ifModifiedSince":"2099-01-01T00:00:00Z"}},
              {"request":{"method":"GET","url":"Basic/tr-c","ifNoneMatch":"W/\"77\""}},
              {"request":{"method":"HEAD","url":"Basic/tr-c"}},
              {"request":{"method":"GET","url":"Basic/tr-none"}}]}
            """.Replace("TYPE", type, StringComparison.Ordinal).Replace("ETAG", etag, StringComparison.Ordinal), ("Prefer", "return=OperationOutcome"));

        Assert.Equal(["304", "304", "200", "200", "404"], Statuses(reply));
        Assert.Equal([false, false, true, false, false], reply.Entries.Select(e => e["resource"] is not null));
        Assert.Equal("OperationOutcome", reply.Entries[4]["response"]!["outcome"]!["resourceType"]!.GetValue<string>());
        Assert.NotNull(reply.Entries[3]["response"]!["etag"]);
    }

    [Theory]
    [InlineData("return=minimal", false, false)]
    [InlineData("return=representation", true, false)]
    [InlineData("return=OperationOutcome", false, true)]
    public async Task Prefer_holds_for_every_entry(string prefer, bool resource, bool outcome)
    {
        foreach (var type in new[] { "transaction", "batch" })
        {
            var reply = await Server.PostAsync("", """
                {"resourceType":"Bundle","type":"TYPE","entry":[
                  {"resource":{"resourceType":"Basic","code":{"text":"1"}},"request":{"method":"POST","url":"Basic"}},
                  {"resource":{"resourceType":"Basic","id":"tr-prefer","code":{"text":"1"}},"request":{"method":"PUT","url":"Basic/tr-prefer"}}]}
                """.Replace("TYPE", type, StringComparison.Ordinal), ("Prefer", prefer));
            Assert.All(reply.Entries, e => Assert.Equal((resource, outcome), (e["resource"] is not null, e["response"]!["outcome"] is not null)));
        }
    }

    [Fact]
    public async Task A_delete_says_so_when_an_OperationOutcome_is_preferred()
    {
        await Server.PutAsync("Basic/tr-d", """{"resourceType":"Basic","id":"tr-d","code":{"text":"1"}}""");

        var reply = await Server.DeleteAsync("Basic/tr-d", ("Prefer", "return=OperationOutcome"));
        Assert.Equal(200, reply.Status);
        Assert.Contains("deleted as version 2", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(204, (await Server.DeleteAsync("Basic/tr-d")).Status);
    }

    [Fact]
    public async Task A_condition_and_an_entry_that_writes_what_it_finds_are_refused()
    {
        const string post = """{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:tr","value":"both"}]},"request":{"method":"POST","url":"Patient"}}""";
        const string put = """{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:tr","value":"both"}],"active":true},"request":{"method":"PUT","url":"Patient?identifier=urn:tr|both"}}""";
        const string maybe = """{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:tr","value":"both"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:tr|both"}}""";

        foreach (var entries in new[] { $"{post},{put}", $"{put},{post}", $"{maybe},{post}" })
        {
            var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""");
            Assert.Equal(400, reply.Status);
            Assert.Contains("their order would decide", reply.Diagnostics, StringComparison.Ordinal);
        }

        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:tr|both")).Entries);
    }

    [Fact]
    public async Task Conditional_references_by_reference_find_what_the_same_bundle_creates()
    {
        await Server.PutAsync("Patient/tr-pat", """{"resourceType":"Patient","id":"tr-pat"}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/tr-pat"}},"request":{"method":"POST","url":"Encounter"}},
              {"resource":{"resourceType":"Observation","status":"final","code":{"text":"o"},"encounter":{"reference":"Encounter?subject=Patient/tr-pat"}},"request":{"method":"POST","url":"Observation"}}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Contains($"\"reference\":\"Encounter/{Id(reply, 0)}\"", (await Server.GetAsync($"Observation/{Id(reply, 1)}")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_rests_on_a_match_holds_or_fails_while_the_match_goes_away()
    {
        for (var round = 0; round < 6; round++)
        {
            var value = $"rest-{round}-{Guid.NewGuid():N}";
            var id = (await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","identifier":[{"system":"urn:tr","value":"{{value}}"}]}""")).Id;
            var bundle = """
                {"resourceType":"Bundle","type":"transaction","entry":[
                  {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","identifier":[{"system":"urn:tr","value":"VALUE"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:tr|VALUE"}},
                  {"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"urn:uuid:p"}},"request":{"method":"POST","url":"Basic"}}]}
                """.Replace("VALUE", value, StringComparison.Ordinal);

            var posting = Server.PostAsync("", bundle);
            var deleting = Server.DeleteAsync($"Patient/{id}");
            var (reply, deleted) = (await posting, await deleting);

            if (reply.Status != 200)
                continue;
            // It created its own patient after the delete, or found the old one before it; a Basic never points to what was gone when it was written.
            if (reply.Entries[0]["response"]!["status"]!.GetValue<string>() == "201")
                Assert.NotEqual(id, Id(reply, 0));
            Assert.Single((await Server.GetAsync($"Basic?subject=Patient/{Id(reply, 0)}")).Entries);
            Assert.True(deleted.Status is 204 or 409, deleted.Body);
        }
    }

    [Fact]
    public async Task Too_many_entries_are_refused_with_the_limit()
    {
        var entry = """{"request":{"method":"GET","url":"Basic/none"}}""";
        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', Enumerable.Repeat(entry, 10_001))}}]}""");

        Assert.Equal(413, reply.Status);
        Assert.Contains("10000", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_thousand_entries_are_one_transaction()
    {
        var entry = """{"resource":{"resourceType":"Basic","identifier":[{"system":"urn:tr","value":"many"}],"code":{"text":"x"}},"request":{"method":"POST","url":"Basic"}}""";
        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', Enumerable.Repeat(entry, 3_000))}}]}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal(3_000, (await Server.GetAsync("Basic?identifier=urn:tr|many&_summary=count")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_transaction_with_one_bad_entry_is_not_taken_as_a_batch()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Basic","identifier":[{"system":"urn:tr","value":"batch"}],"code":{"text":"x"}},"request":{"method":"POST","url":"Basic"}},
              {"request":{"method":"DELETE","url":"Basic"}}]}
            """);

        Assert.Equal(400, reply.Status);
        Assert.Equal("OperationOutcome", reply.Json["resourceType"]!.GetValue<string>());
        Assert.Empty((await Server.GetAsync("Basic?identifier=urn:tr|batch")).Entries);
    }

    [Fact]
    public async Task If_None_Match_star_keeps_a_PUT_from_overwriting()
    {
        const string body = """{"resourceType":"Basic","id":"tr-star","identifier":[{"system":"urn:tr","value":"star"}],"code":{"text":"x"}}""";

        Assert.Equal(201, (await Server.PutAsync("Basic/tr-star", body, ("If-None-Match", "*"))).Status);
        Assert.Equal(412, (await Server.PutAsync("Basic/tr-star", body, ("If-None-Match", "*"))).Status);
        Assert.Equal(412, (await Server.PutAsync("Basic?identifier=urn:tr|star", body, ("If-None-Match", "*"))).Status);
        Assert.Equal(412, (await Server.PutAsync("Basic?identifier=urn:tr|none", """{"resourceType":"Basic","code":{"text":"x"}}""", ("If-Match", "W/\"1\""))).Status);
    }

    [Fact]
    public async Task A_part_of_a_resource_is_not_stored_over_the_whole()
    {
        const string part = """{"resourceType":"Basic","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]},"code":{"text":"x"}}""";
        Assert.Equal(422, (await Server.PutAsync("Basic?identifier=urn:tr|part", part)).Status);
    }

    private static IEnumerable<string> Statuses(Reply reply) => reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>());

    private static string Id(Reply reply, int entry) => reply.Entries[entry]["response"]!["location"]!.GetValue<string>().Split('/')[^3];
}

public sealed class SqliteTransactionRuleTests(SqliteServer server) : TransactionRuleTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresTransactionRuleTests(PostgresServer server) : TransactionRuleTests(server), IClassFixture<PostgresServer>;
