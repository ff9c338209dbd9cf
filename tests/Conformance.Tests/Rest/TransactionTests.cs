using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Rest;

public abstract class TransactionTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task References_between_entries_are_resolved_everywhere_and_none_is_left()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:11111111-1111-1111-1111-111111111111","resource":{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"urn:uuid:22222222-2222-2222-2222-222222222222\">visit</a></div>"},"name":[{"family":"Bundle"}]},"request":{"method":"POST","url":"Patient"}},
              {"fullUrl":"urn:uuid:22222222-2222-2222-2222-222222222222","resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"urn:uuid:11111111-1111-1111-1111-111111111111"},"extension":[{"url":"http://x/e","valueReference":{"reference":"urn:uuid:11111111-1111-1111-1111-111111111111"}},{"url":"http://x/u","valueUri":"urn:uuid:11111111-1111-1111-1111-111111111111"}]},"request":{"method":"POST","url":"Encounter"}}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal("transaction-response", reply.Json["type"]!.GetValue<string>());
        Assert.Equal(["201", "201"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        var (patient, encounter) = (IdIn(reply, 0), IdIn(reply, 1));
        var stored = (await Server.GetAsync($"Encounter/{encounter}")).Body + (await Server.GetAsync($"Patient/{patient}")).Body;
        Assert.DoesNotContain("urn:uuid:", stored, StringComparison.Ordinal);
        Assert.Contains($"\"valueUri\":\"Patient/{patient}\"", stored, StringComparison.Ordinal);
        Assert.Equal([encounter], (await Server.GetAsync($"Encounter?subject=Patient/{patient}")).Ids);
    }

    [Fact]
    public async Task Relative_references_between_entries_from_another_server_follow_their_new_ids()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"http://elsewhere.example/fhir/Patient/one","resource":{"resourceType":"Patient","id":"one","active":true},"request":{"method":"POST","url":"Patient"}},
              {"fullUrl":"http://elsewhere.example/fhir/Encounter/two","resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/one"}},"request":{"method":"POST","url":"Encounter"}}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal([IdIn(reply, 1)], (await Server.GetAsync($"Encounter?subject=Patient/{IdIn(reply, 0)}")).Ids);
    }

    [Fact]
    public async Task One_bad_entry_stores_nothing_and_is_named()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"all-or-nothing"}]},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/not-there"}},"request":{"method":"POST","url":"Encounter"}}]}
            """);

        Assert.Equal(422, reply.Status);
        Assert.Contains("Entry 1", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:t|all-or-nothing")).Entries);
    }

    [Fact]
    public async Task Circular_references_between_new_resources_work()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:a","resource":{"resourceType":"Observation","status":"final","code":{"text":"a"},"hasMember":[{"reference":"urn:uuid:b"}]},"request":{"method":"POST","url":"Observation"}},
              {"fullUrl":"urn:uuid:b","resource":{"resourceType":"Observation","status":"final","code":{"text":"b"},"derivedFrom":[{"reference":"urn:uuid:a"}]},"request":{"method":"POST","url":"Observation"}}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal([IdIn(reply, 1)], (await Server.GetAsync($"Observation?derived-from={IdIn(reply, 0)}")).Ids);
    }

    [Fact]
    public async Task Conditional_references_find_stored_and_just_written_resources()
    {
        await Server.PutAsync("Organization/cr-org", """{"resourceType":"Organization","id":"cr-org","identifier":[{"system":"urn:t","value":"cr-org"}],"name":"O"}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"cr-pat"}],"managingOrganization":{"reference":"Organization?identifier=urn:t|cr-org"}},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient?identifier=urn:t|cr-pat"}},"request":{"method":"POST","url":"Encounter"}}]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Contains("\"reference\":\"Organization/cr-org\"", (await Server.GetAsync($"Patient/{IdIn(reply, 0)}")).Body, StringComparison.Ordinal);
        Assert.Contains($"\"reference\":\"Patient/{IdIn(reply, 0)}\"", (await Server.GetAsync($"Encounter/{IdIn(reply, 1)}")).Body, StringComparison.Ordinal);

        var missing = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","managingOrganization":{"reference":"Organization?identifier=urn:t|nobody"}},"request":{"method":"POST","url":"Patient"}}]}
            """);
        Assert.Equal(412, missing.Status);
        Assert.Contains("finds nothing", missing.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conditional_create_in_a_transaction_links_to_what_exists()
    {
        const string bundle = """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"once"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:t|once"}},
              {"resource":{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"urn:uuid:p"}},"request":{"method":"POST","url":"Encounter"}}]}
            """;

        var first = await Server.PostAsync("", bundle);
        var second = await Server.PostAsync("", bundle);

        Assert.Equal(("201", "200"), (first.Entries[0]["response"]!["status"]!.GetValue<string>(), second.Entries[0]["response"]!["status"]!.GetValue<string>()));
        Assert.Equal(2, (await Server.GetAsync($"Encounter?subject=Patient/{IdIn(first, 0)}")).Entries.Count);
    }

    [Fact]
    public async Task Deletes_updates_and_reads_answer_in_request_order()
    {
        await Server.PutAsync("Basic/t1", """{"resourceType":"Basic","id":"t1","code":{"text":"old"}}""");
        await Server.PutAsync("Basic/t2", """{"resourceType":"Basic","id":"t2","code":{"text":"old"}}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"request":{"method":"GET","url":"Basic/t1"}},
              {"resource":{"resourceType":"Basic","id":"t1","code":{"text":"new"}},"request":{"method":"PUT","url":"Basic/t1","ifMatch":"W/\"1\""}},
              {"request":{"method":"DELETE","url":"Basic/t2"}}]}
            """);

        Assert.Equal(["200", "200", "204"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        Assert.Equal("new", reply.Entries[0]["resource"]!["code"]!["text"]!.GetValue<string>());
        Assert.Equal(410, (await Server.GetAsync("Basic/t2")).Status);
    }

    [Fact]
    public async Task Two_entries_for_one_resource_are_refused()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Basic","id":"dup","code":{"text":"1"}},"request":{"method":"PUT","url":"Basic/dup"}},
              {"request":{"method":"DELETE","url":"Basic/dup"}}]}
            """);

        Assert.Equal(400, reply.Status);
        Assert.Contains("Entries 0 and 1", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_batch_each_entry_stands_alone()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"batch","entry":[
              {"resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Patient","managingOrganization":{"reference":"Organization/nowhere"}},"request":{"method":"POST","url":"Patient"}},
              {"request":{"method":"GET","url":"Patient/not-there"}},
              {"request":{"method":"GET","url":"Patient?_summary=count"}},
              {"request":{"method":"PATCH","url":"Patient/x"}}]}
            """);

        Assert.Equal("batch-response", reply.Json["type"]!.GetValue<string>());
        Assert.Equal(["201", "422", "404", "200", "400"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        Assert.Equal("OperationOutcome", reply.Entries[1]["response"]!["outcome"]!["resourceType"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_no_FHIR_in_one_entry_of_a_batch_is_refused_there_and_the_others_are_done()
    {
        var reply = await Server.PostAsync("", """
            {"entry":[
              {"resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Patient","foo":1},"request":{"method":"POST","url":"Patient"}},
              {"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patiant","name":[{"given":["}"]}]}},
              {"request":{"method":"GET","url":"Patient?_summary=count"}},
              {"resource":{"resourceType":"Patient","birthDate":"soon"},"request":{"method":"PUT","url":"Patient/bad-1"}}],
             "type":"batch","resourceType":"Bundle"}
            """);

        Assert.Equal(["201", "400", "400", "200", "400"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        var issues = reply.Entries.Select(e => e["response"]!["outcome"]?["issue"]![0]!).ToArray();
        Assert.Equal("Bundle.entry[1].resource.ofType(Patient)", issues[1]["expression"]![0]!.GetValue<string>());
        Assert.Contains("(line 3, column 41)", issues[1]["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'Patient'?", issues[2]["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Patient/bad-1")).Status);
    }

    [Theory]
    [InlineData("""{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"bad-2"},"request":{"method":"PUT","url":"Patient/bad-2"}},{"resource":{"resourceType":"Patient","foo":1},"request":{"method":"POST","url":"Patient"}}]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"bad-2"},"request":{"method":"PUT","url":"Patient/bad-2"}},{"request":{"method":"DELETE","url":"Basic/any?_dryrun=true"}}]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","entries":1,"entry":[{"resource":{"resourceType":"Patient","id":"bad-2"},"request":{"method":"PUT","url":"Patient/bad-2"}}]}""")]
    [InlineData("""{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","id":"bad-2"},"request":{"method":"PUT","url":"Patient/bad-2"}},{"resource":{"resourceType":"Patient","foo":1},"request":{"method":"POST"}}]}""")]
    public async Task What_is_wrong_in_a_transaction_or_around_the_entries_refuses_the_whole(string bundle)
    {
        Assert.Equal(400, (await Server.PostAsync("", bundle)).Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/bad-2")).Status);
    }

    [Fact]
    public async Task Parallel_equal_conditional_creates_make_one_resource()
    {
        const string body = """{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"race"}]}""";

        var replies = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Server.PostAsync("Patient", body, ("If-None-Exist", "identifier=urn:t|race"))));

        Assert.Single(replies, r => r.Status == 201);
        Assert.All(replies, r => Assert.True(r.Status is 201 or 200 or 409, r.Body));
        Assert.Single((await Server.GetAsync("Patient?identifier=urn:t|race")).Entries);
    }

    [Fact]
    public async Task Conditional_update_and_delete_act_on_the_one_match()
    {
        const string body = """{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"cu"}],"active":true}""";

        var created = await Server.PutAsync("Patient?identifier=urn:t|cu", body);
        var updated = await Server.PutAsync("Patient?identifier=urn:t|cu", body.Replace("true", "false", StringComparison.Ordinal));
        Assert.Equal((201, 200), (created.Status, updated.Status));
        Assert.Equal(created.Id, updated.Id);

        Assert.Equal(204, (await Server.DeleteAsync("Patient?identifier=urn:t|cu")).Status);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{created.Id}")).Status);
        Assert.Equal(204, (await Server.DeleteAsync("Patient?identifier=urn:t|cu")).Status);

        await Server.PostAsync("Patient", body);
        await Server.PostAsync("Patient", body);
        Assert.Equal(412, (await Server.DeleteAsync("Patient?identifier=urn:t|cu")).Status);
        Assert.Equal(412, (await Server.PutAsync("Patient?identifier=urn:t|cu", body)).Status);
        Assert.Equal(412, (await Server.PostAsync("Patient", body, ("If-None-Exist", "identifier=urn:t|cu"))).Status);
    }

    [Fact]
    public async Task Parallel_conditional_updates_on_a_system_never_seen_before_create_one()
    {
        var system = $"urn:new:{Guid.NewGuid():N}";

        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Server.PutAsync($"Patient?identifier={system}|1",
            $$"""{"resourceType":"Patient","identifier":[{"system":"{{system}}","value":"1"}],"name":[{"family":"F{{i}}"}]}""")));

        Assert.Single(replies, r => r.Status == 201);
        Assert.Single((await Server.GetAsync($"Patient?identifier={system}|1")).Entries);
    }

    [Fact]
    public async Task A_reference_beside_a_nested_one_is_resolved_and_checked()
    {
        const string entries = """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"urn:uuid:a","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"extension":[{"url":"urn:e","valueReference":{"display":"x"}}],"reference":"urn:uuid:a"}},"request":{"method":"POST","url":"Basic"}}]}
            """;

        var reply = await Server.PostAsync("", entries);
        Assert.Equal([IdIn(reply, 1)], (await Server.GetAsync($"Basic?subject=Patient/{IdIn(reply, 0)}")).Ids);
        Assert.Equal(422, (await Server.PostAsync("", entries.Replace("\"reference\":\"urn:uuid:a\"", "\"reference\":\"Patient/nowhere\"", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Entries_that_would_create_the_same_by_condition_are_refused()
    {
        const string entry = """{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"twice"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:t|twice"}}""";

        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entry}},{{entry}}]}""");

        Assert.Equal(400, reply.Status);
        Assert.Contains("Entries 0 and 1", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:t|twice")).Entries);
    }

    [Fact]
    public async Task A_conditional_create_may_not_rest_on_what_the_same_transaction_deletes()
    {
        await Server.PutAsync("Patient/rest", """{"resourceType":"Patient","id":"rest","identifier":[{"system":"urn:t","value":"rest"}]}""");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"request":{"method":"DELETE","url":"Patient/rest"}},
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:t","value":"rest"}]},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:t|rest"}}]}
            """);

        Assert.Equal(400, reply.Status);
        Assert.Equal(200, (await Server.GetAsync("Patient/rest")).Status);
    }

    [Fact]
    public async Task Records_of_two_servers_with_the_same_relative_address_are_not_mixed_up()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"fullUrl":"http://a.example/fhir/Patient/1","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"fullUrl":"http://b.example/fhir/Patient/1","resource":{"resourceType":"Patient","active":false},"request":{"method":"POST","url":"Patient"}},
              {"fullUrl":"http://b.example/fhir/Basic/1","resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Patient/1"}},"request":{"method":"POST","url":"Basic"}}]}
            """);

        Assert.Equal(400, reply.Status);
        Assert.Contains("ambiguous", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Patient?_lastUpdated=gt2000")]
    [InlineData("Patient?organization.name=x")]
    public async Task A_conditional_reference_that_cannot_be_compared_with_the_entries_is_refused(string reference)
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"REFERENCE"}},"request":{"method":"POST","url":"Basic"}}]}
            """.Replace("REFERENCE", reference, StringComparison.Ordinal));

        Assert.Equal(400, reply.Status);
        Assert.Contains("Entry 1", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conditional_reference_may_ask_what_an_entry_does_not_have()
    {
        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:lacks","value":"1"}],"name":[{"family":"Named"}]},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:lacks","value":"1"}]},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:lacks|1&name:missing=true"}},"request":{"method":"POST","url":"Basic"}}]}
            """);

        Assert.True(reply.Status == 200, reply.Body);
        var basic = await Server.GetAsync($"Basic/{IdIn(reply, 2)}");
        Assert.Equal($"Patient/{IdIn(reply, 1)}", basic.Json["subject"]!["reference"]!.GetValue<string>());
    }

    private static string IdIn(Reply reply, int entry) => reply.Entries[entry]["response"]!["location"]!.GetValue<string>().Split('/')[^3];
}

public sealed class SqliteTransactionTests(SqliteServer server) : TransactionTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresTransactionTests(PostgresServer server) : TransactionTests(server), IClassFixture<PostgresServer>;
