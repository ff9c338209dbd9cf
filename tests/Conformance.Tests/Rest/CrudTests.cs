using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Rest;

public abstract class CrudTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Ann = """{"resourceType":"Patient","name":[{"family":"Ng","given":["Ann"]}],"birthDate":"1980-02-29"}""";

    [Fact]
    public async Task A_create_answers_201_with_location_version_and_the_resource()
    {
        var created = await Server.PostAsync("Patient", Ann);

        Assert.Equal(201, created.Status);
        Assert.Equal("W/\"1\"", created.ETag);
        Assert.Equal($"{Server.BaseUrl}/Patient/{created.Id}/_history/1", created.Location);
        Assert.Equal("1", created.Json["meta"]!["versionId"]!.GetValue<string>());
        Assert.Equal(created.Body, (await Server.GetAsync($"Patient/{created.Id}")).Body);
    }

    [Fact]
    public async Task The_stored_text_is_returned_as_sent_but_for_id_meta_and_white_space()
    {
        var created = await Server.PostAsync("Observation",
            """{ "resourceType":"Observation", "status":"final", "code":{"text":"é ü €"}, "valueQuantity":{"value":1.50,"unit":"mg"}, "extension":[{"url":"http://x/y","valueDecimal":0.10}] }""");

        Assert.Contains("\"valueQuantity\":{\"value\":1.50,\"unit\":\"mg\"},\"extension\":[{\"url\":\"http://x/y\",\"valueDecimal\":0.10}]", created.Body, StringComparison.Ordinal);
        Assert.Contains("é ü €", created.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefer_decides_what_a_write_returns()
    {
        Assert.Equal("", (await Server.PostAsync("Patient", Ann, ("Prefer", "return=minimal"))).Body);
        Assert.Equal("OperationOutcome", (await Server.PostAsync("Patient", Ann, ("Prefer", "return=OperationOutcome"))).Json["resourceType"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_update_makes_the_next_version_and_the_old_one_stays_readable()
    {
        var id = (await Server.PostAsync("Patient", Ann)).Id;
        var changed = Ann.Replace("\"Patient\",", $"\"Patient\",\"id\":\"{id}\",", StringComparison.Ordinal).Replace("Ann", "Beth", StringComparison.Ordinal);

        var updated = await Server.PutAsync($"Patient/{id}", changed);

        Assert.Equal((200, "W/\"2\""), (updated.Status, updated.ETag));
        Assert.Contains("Ann", (await Server.GetAsync($"Patient/{id}/_history/1")).Body, StringComparison.Ordinal);
        Assert.Contains("Beth", (await Server.GetAsync($"Patient/{id}/_history/2")).Body, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync($"Patient/{id}/_history/3")).Status);
    }

    [Theory]
    [InlineData("GET", "?_asof=2020-01-01T00:00:00Z", "Did you mean '_asOf'?")]
    [InlineData("GET", "?_elements=birthdate", "'birthDate'")]
    [InlineData("GET", "/_history/1?_asOf=2020-01-01T00:00:00Z", "_elements")]
    [InlineData("GET", "/_history?_elements=birthdate", "'birthDate'")]
    [InlineData("PUT", "?name=Ng", "_pretty")]
    [InlineData("PATCH", "?_dryRun=true", "_pretty")]
    [InlineData("DELETE", "?_dryrun=true", "Did you mean '_dryRun'?")]
    public async Task A_parameter_that_means_nothing_is_refused_with_the_nearest_and_nothing_is_done(string method, string query, string expected)
    {
        var id = (await Server.PostAsync("Patient", Ann)).Id;
        var (body, type) = method switch
        {
            "PUT" => ($$"""{"resourceType":"Patient","id":"{{id}}"}""", "application/fhir+json"),
            "PATCH" => ("""[{"op":"remove","path":"/name"}]""", "application/json-patch+json"),
            _ => (null, ""),
        };

        var reply = await Server.SendAsync(new(method), $"Patient/{id}{query}", body, type);

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal("W/\"1\"", (await Server.GetAsync($"Patient/{id}")).ETag);
        Assert.Equal(400, (await Server.PostAsync("Patient?nam=x", Ann)).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{id}?nonsense=1&_pretty=true", ("Prefer", "handling=lenient"))).Status);
        Assert.Equal(400, (await Server.SendAsync(HttpMethod.Delete, $"Patient/{id}?nonsense=1", headers: ("Prefer", "handling=lenient"))).Status);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_makes_no_version()
    {
        var created = await Server.PutAsync("Patient/same", """{"resourceType":"Patient","id":"same","active":true}""");
        var again = await Server.PutAsync("Patient/same", """{"resourceType":"Patient", "id":"same", "active":true}""");

        Assert.Equal((201, 200), (created.Status, again.Status));
        Assert.Equal("W/\"1\"", again.ETag);
        Assert.Equal(created.Body, again.Body);
    }

    [Fact]
    public async Task An_update_creates_where_there_was_nothing()
    {
        var created = await Server.PutAsync("Patient/mine-1", """{"resourceType":"Patient","id":"mine-1","active":true}""");

        Assert.Equal(201, created.Status);
        Assert.Equal(200, (await Server.GetAsync("Patient/mine-1")).Status);
    }

    [Fact]
    public async Task If_Match_lets_only_the_reader_of_the_current_version_write()
    {
        await Server.PutAsync("Patient/locked", """{"resourceType":"Patient","id":"locked","active":true}""");

        var stale = await Server.PutAsync("Patient/locked", """{"resourceType":"Patient","id":"locked","active":false}""", ("If-Match", "W/\"7\""));
        var fresh = await Server.PutAsync("Patient/locked", """{"resourceType":"Patient","id":"locked","active":false}""", ("If-Match", "W/\"1\""));

        Assert.Equal((412, 200), (stale.Status, fresh.Status));
        Assert.Contains("version 7", stale.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_None_Match_star_creates_but_never_overwrites()
    {
        const string body = """{"resourceType":"Patient","id":"only-once","active":true}""";
        Assert.Equal(201, (await Server.PutAsync("Patient/only-once", body, ("If-None-Match", "*"))).Status);
        Assert.Equal(412, (await Server.PutAsync("Patient/only-once", body.Replace("true", "false", StringComparison.Ordinal), ("If-None-Match", "*"))).Status);
    }

    [Fact]
    public async Task A_conditional_read_answers_304_while_nothing_changed()
    {
        var created = await Server.PostAsync("Patient", Ann);

        Assert.Equal(304, (await Server.GetAsync($"Patient/{created.Id}", ("If-None-Match", created.ETag!))).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{created.Id}", ("If-None-Match", "W/\"9\""))).Status);
        Assert.Equal(304, (await Server.GetAsync($"Patient/{created.Id}", ("If-Modified-Since", DateTimeOffset.Parse("2099-01-01T00:00:00Z", null).ToString("R")))).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{created.Id}", ("If-Modified-Since", DateTimeOffset.Parse("1999-01-01T00:00:00Z", null).ToString("R")))).Status);
    }

    [Fact]
    public async Task A_deleted_resource_is_gone_but_its_history_stays_and_it_can_return()
    {
        var id = (await Server.PostAsync("Patient", Ann)).Id;

        Assert.Equal(204, (await Server.DeleteAsync($"Patient/{id}")).Status);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{id}")).Status);
        Assert.Equal(204, (await Server.DeleteAsync($"Patient/{id}")).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{id}/_history/1")).Status);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{id}/_history/2")).Status);
        Assert.Empty((await Server.GetAsync($"Patient?_id={id}")).Entries);

        var back = await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","active":true}""");
        Assert.Equal((201, "W/\"3\""), (back.Status, back.ETag));
        Assert.Single((await Server.GetAsync($"Patient?_id={id}")).Entries);
    }

    [Fact]
    public async Task History_lists_every_version_newest_first_at_all_three_levels()
    {
        await Server.PutAsync("Basic/h", """{"resourceType":"Basic","id":"h","code":{"text":"one"}}""");
        await Server.PutAsync("Basic/h", """{"resourceType":"Basic","id":"h","code":{"text":"two"}}""");
        await Server.DeleteAsync("Basic/h");

        foreach (var path in new[] { "Basic/h/_history", "Basic/_history", "_history?_count=3" })
        {
            var history = await Server.GetAsync(path);
            Assert.Equal("history", history.Json["type"]!.GetValue<string>());
            Assert.Equal(["DELETE", "PUT", "PUT"], history.Entries.Take(3).Select(e => e["request"]!["method"]!.GetValue<string>()));
            Assert.Equal("W/\"3\"", history.Entries[0]["response"]!["etag"]!.GetValue<string>());
            Assert.Null(history.Entries[0]["resource"]);
        }

        var first = await Server.GetAsync("Basic/h/_history?_count=2");
        var second = await Server.GetAsync(first.Next!);
        Assert.Equal((2, 1), (first.Entries.Count, second.Entries.Count));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task XML_goes_in_and_comes_out()
    {
        var created = await Server.SendAsync(HttpMethod.Post, "Patient", """<Patient xmlns="http://hl7.org/fhir"><name><family value="Ng"/></name><birthDate value="1980-02-29"/></Patient>""",
            "application/fhir+xml", ("Accept", "application/fhir+xml"));

        Assert.Equal((201, "application/fhir+xml"), (created.Status, created.MediaType));
        Assert.Contains("<family value=\"Ng\" />", created.Body, StringComparison.Ordinal);
        var id = created.Location!.Split('/')[^3];
        Assert.Contains("\"family\":\"Ng\"", (await Server.GetAsync($"Patient/{id}")).Body, StringComparison.Ordinal);
        Assert.Contains("<Patient", (await Server.GetAsync($"Patient/{id}?_format=xml")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "Patient", "{\"resourceType\":\"Patient\",\n  \"active\": tru}", 400, "line 2, column")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","nam":[]}""", 400, "Did you mean 'name'")]
    [InlineData("POST", "Patient", """{"resourceType":"Practitioner"}""", 400, "names Patient, but the body is a Practitioner")]
    [InlineData("POST", "Patent", """{"resourceType":"Patient"}""", 404, "did you mean 'Patient'")]
    [InlineData("PUT", "Patient/a", """{"resourceType":"Patient","id":"b"}""", 400, "says 'b'")]
    [InlineData("PUT", "Patient/a", """{"resourceType":"Patient","active":true}""", 400, "\"id\": \"a\"")]
    [InlineData("PUT", "Patient/a%20b", """{"resourceType":"Patient"}""", 400, "ids are 1 to 64")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","managingOrganization":{"reference":"Organization/nowhere"}}""", 422, "does not exist here")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","managingOrganization":{"reference":"nonsense"}}""", 422, "'Type/id'")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:1"}}""", 422, "no entry")]
    [InlineData("POST", "", """{"resourceType":"Patient"}""", 400, "batch or transaction")]
    [InlineData("POST", "", """{"resourceType":"Bundle","type":"collection"}""", 400, "only batch and transaction")]
    [InlineData("POST", "Patient/$nonsense", """{"resourceType":"Parameters"}""", 404, "$nonsense")]
    [InlineData("POST", "metadata", """{"resourceType":"Bundle","type":"batch"}""", 405, "not offered")]
    [InlineData("PATCH", "Patient/a", "{}", 400, "")]
    public async Task Bad_input_is_refused_with_the_place_and_the_fix(string method, string path, string body, int status, string fragment)
    {
        var before = (await Server.GetAsync("Patient?_summary=count")).Json["total"]!.GetValue<int>();

        var reply = await Server.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal(status, reply.Status);
        Assert.Equal("OperationOutcome", reply.Json["resourceType"]!.GetValue<string>());
        Assert.Contains(fragment, reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(before, (await Server.GetAsync("Patient?_summary=count")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_reference_under_our_own_address_is_stored_relative_and_found()
    {
        var patient = (await Server.PostAsync("Patient", Ann)).Id;
        var visit = await Server.PostAsync("Encounter", $$$"""{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"{{{Server.BaseUrl}}}/Patient/{{{patient}}}"}}""");

        Assert.Contains($"\"reference\":\"Patient/{patient}\"", visit.Body, StringComparison.Ordinal);
        Assert.Equal([visit.Id], (await Server.GetAsync($"Encounter?subject={Server.BaseUrl}/Patient/{patient}")).Ids);
        Assert.Equal(422, (await Server.PostAsync("Encounter", $$$"""{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"{{{Server.BaseUrl}}}/Patient/nobody"}}""")).Status);
    }

    [Fact]
    public async Task A_broken_reference_is_named_by_its_path()
    {
        var reply = await Server.PostAsync("Encounter", """
            {"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"participant":[{"type":[{"text":"x"}]},{"individual":{"reference":"Practitioner/nobody"}}]}
            """);

        Assert.Equal("Encounter.participant[1].individual.reference", reply.Expression);
    }

    [Fact]
    public async Task Malformed_XML_is_refused_with_its_line()
    {
        var reply = await Server.SendAsync(HttpMethod.Post, "Patient", "<Patient xmlns=\"http://hl7.org/fhir\">\n<active value=\"true\">\n</Patient>", "application/fhir+xml");

        Assert.Equal(400, reply.Status);
        Assert.Contains("line 3", reply.Diagnostics, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("<extension url='u'>", "</extension>")]
    [InlineData("<contained><Patient>", "</Patient></contained>")]
    public async Task XML_nested_without_end_is_refused_and_the_process_lives(string open, string close)
    {
        var deep = string.Concat(Enumerable.Repeat(open, 50_000)) + string.Concat(Enumerable.Repeat(close, 50_000));

        var reply = await Server.SendAsync(HttpMethod.Post, "Patient", $"<Patient xmlns='http://hl7.org/fhir'>{deep}</Patient>", "application/fhir+xml");

        Assert.Equal(400, reply.Status);
        Assert.Contains("deep at line 1", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_pretty=true")]
    [InlineData("_format=xml")]
    [InlineData("_elements=extension")]
    public async Task What_is_nested_as_deep_as_is_taken_comes_out_in_every_form(string form)
    {
        var extension = """{"url":"u","valueCode":"v"}""";
        for (var i = 0; i < 29; i++)
            extension = $$"""{"url":"u","extension":[{{extension}}]}""";
        var stored = await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","extension":[{{extension}}]}""");
        Assert.Equal(201, stored.Status);

        Assert.Equal(200, (await Server.GetAsync($"Patient?_id={stored.Location!.Split('/')[^3]}&{form}")).Status);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00%2B14:00", 200)]
    [InlineData("9999-12-31T23:59:59-12:00", 200)]
    [InlineData("2024-01-01T00:00:00%2B14:30", 400)]
    public async Task History_takes_every_instant_there_is(string instant, int status)
    {
        Assert.Equal(status, (await Server.GetAsync($"Patient/_history?_since={instant}")).Status);
        Assert.Equal(status, (await Server.GetAsync($"Patient/_history?_at={instant}")).Status);
    }

    [Theory]
    [InlineData("*", 304)]
    [InlineData("W/\"7\", W/\"1\"", 304)]
    [InlineData("\"of-another-server\"", 200)]
    public async Task If_None_Match_takes_what_HTTP_allows(string tags, int status)
    {
        var stored = await Server.PostAsync("Patient", """{"resourceType":"Patient","active":true}""");

        Assert.Equal(status, (await Server.GetAsync($"Patient/{stored.Id}", ("If-None-Match", tags))).Status);
    }

    [Theory]
    [InlineData("_count=1")]
    [InlineData("_format=json")]
    [InlineData("_sort=code&_total=none")]
    public async Task A_condition_that_chooses_nothing_touches_nothing(string query)
    {
        await Server.PutAsync("Basic/only", """{"resourceType":"Basic","id":"only","code":{"text":"x"}}""");

        Assert.Equal(412, (await Server.DeleteAsync($"Basic?{query}")).Status);
        Assert.Equal(412, (await Server.PutAsync($"Basic?{query}", """{"resourceType":"Basic","code":{"text":"y"}}""")).Status);
        Assert.Equal(412, (await Server.PostAsync("Basic", """{"resourceType":"Basic","code":{"text":"z"}}""", ("If-None-Exist", query))).Status);
        Assert.Equal(200, (await Server.GetAsync("Basic/only")).Status);
    }

    [Fact]
    public async Task An_XML_document_type_is_refused()
    {
        var reply = await Server.SendAsync(HttpMethod.Post, "Patient",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&e;\"/></Patient>", "application/fhir+xml");

        Assert.Equal(400, reply.Status);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    public async Task A_request_that_a_web_page_elsewhere_could_cause_is_refused(string header, string value)
    {
        Assert.Equal(403, (await Server.GetAsync("Patient", (header, value))).Status);
        Assert.Equal(403, (await Server.PostAsync("Patient", Ann, (header, value))).Status);
    }

    [Fact]
    public async Task Formats_that_are_not_ours_are_406_and_415()
    {
        Assert.Equal(415, (await Server.SendAsync(HttpMethod.Post, "Patient", "x", "text/plain")).Status);
        Assert.Equal(406, (await Server.GetAsync("metadata", ("Accept", "text/turtle"))).Status);
        Assert.Equal(406, (await Server.GetAsync("metadata?_format=ttl")).Status);
    }

    [Fact]
    public async Task Parallel_updates_give_versions_without_gap_or_repeat()
    {
        await Server.PutAsync("Basic/race", """{"resourceType":"Basic","id":"race","code":{"text":"0"}}""");

        var replies = await Task.WhenAll(Enumerable.Range(1, 32).Select(i =>
            Server.PutAsync("Basic/race", $$$"""{"resourceType":"Basic","id":"race","code":{"text":"{{{i}}}"}}""")));

        var won = replies.Where(r => r.Status == 200).Select(r => r.ETag).ToArray();
        Assert.All(replies, r => Assert.True(r.Status is 200 or 409, r.Body));
        Assert.Equal(won.Length, won.Distinct().Count());
        Assert.Equal($"W/\"{won.Length + 1}\"", (await Server.GetAsync("Basic/race")).ETag);
    }

    [Fact]
    public async Task Of_parallel_updates_with_the_same_If_Match_one_wins()
    {
        await Server.PutAsync("Basic/match", """{"resourceType":"Basic","id":"match","code":{"text":"0"}}""");

        var replies = await Task.WhenAll(Enumerable.Range(1, 16).Select(i =>
            Server.PutAsync("Basic/match", $$$"""{"resourceType":"Basic","id":"match","code":{"text":"{{{i}}}"}}""", ("If-Match", "W/\"1\""))));

        Assert.Single(replies, r => r.Status == 200);
        Assert.All(replies.Where(r => r.Status != 200), r => Assert.True(r.Status is 412 or 409));
    }
}

public sealed class SqliteCrudTests(SqliteServer server) : CrudTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresCrudTests(PostgresServer server) : CrudTests(server), IClassFixture<PostgresServer>;
