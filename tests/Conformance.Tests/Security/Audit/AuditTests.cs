using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Security.Audit;

/// <summary>Every request leaves its row before it is answered, and the row says who, what, whose and how it ended; nothing of the record itself.</summary>
public abstract class AuditTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Canary = "Zzcanaryname";

    [Fact, Trait("Requirement", "S-50"), Trait("Requirement", "S-51")]
    public async Task A_write_and_a_read_are_there_when_they_are_answered()
    {
        var patient = await PatientAsync();
        var request = "audit-" + Guid.NewGuid().ToString("N");
        var read = await Server.GetAsync($"Patient/{patient}", ("X-Request-Id", request));
        Assert.Equal(200, read.Status);

        var rows = await RowsAsync($"entity=Patient/{patient}");
        Assert.Equal(["R", "C"], rows.Select(r => r["action"]!.GetValue<string>()));
        var row = rows[0];
        Assert.Equal("rest", row["type"]!["code"]!.GetValue<string>());
        Assert.Equal("read", row["subtype"]![0]!["code"]!.GetValue<string>());
        Assert.Equal("0", row["outcome"]!.GetValue<string>());
        Assert.Equal("127.0.0.1", row["agent"]![0]!["network"]!["address"]!.GetValue<string>());
        Assert.Contains(row["entity"]!.AsArray(), e => e!["what"]?["reference"]?.GetValue<string>() == $"Patient/{patient}/_history/1");
        Assert.Contains(row["entity"]!.AsArray(), e => e!["what"]?["identifier"]?["value"]?.GetValue<string>() == request);
        Assert.Equal(row["id"]!.GetValue<string>(), (await Server.GetAsync($"AuditEvent/{row["id"]}")).Id);
    }

    [Fact, Trait("Requirement", "S-50")]
    public async Task A_search_names_each_patient_whose_data_it_gave_and_how_many_results()
    {
        var (one, two) = (await PatientAsync(), await PatientAsync());
        var tag = "t" + Guid.NewGuid().ToString("N");
        foreach (var patient in (string[])[one, two, one])
            Assert.Equal(201, (await Server.PostAsync("Observation", Observation(patient, tag))).Status);
        Assert.Equal(200, (await Server.GetAsync($"Observation?_tag={tag}&_elements=status")).Status);

        foreach (var patient in (string[])[one, two])
        {
            var row = (await RowsAsync($"patient={patient}&subtype=search-type")).Single();
            Assert.Equal("E", row["action"]!.GetValue<string>());
            var entities = row["entity"]!.AsArray();
            Assert.Equal(((string[])[$"Patient/{one}", $"Patient/{two}"]).Order(), entities.Where(e => e!["role"]?["code"]?.GetValue<string>() == "1").Select(e => e!["what"]!["reference"]!.GetValue<string>()).Order());
            var query = entities.Single(e => e!["role"]?["code"]?.GetValue<string>() == "24")!;
            Assert.Contains(tag, Encoding.UTF8.GetString(Convert.FromBase64String(query["query"]!.GetValue<string>())), StringComparison.Ordinal);
            Assert.Equal("3", query["detail"]![0]!["valueString"]!.GetValue<string>());
        }
    }

    [Fact, Trait("Requirement", "S-50")]
    public async Task Every_entry_of_a_transaction_and_of_a_batch_has_a_row_of_its_own()
    {
        var patient = await PatientAsync();
        foreach (var type in (string[])["transaction", "batch"])
        {
            var request = $"{type}-{Guid.NewGuid():N}";
            var bundle = $$$"""
                {"resourceType":"Bundle","type":"{{{type}}}","entry":[
                {"resource":{{{Observation(patient, "x")}}},"request":{"method":"POST","url":"Observation"}},
                {"request":{"method":"GET","url":"Patient/{{{patient}}}"}},
                {"resource":{"resourceType":"Patient","id":"{{{patient}}}","active":true},"request":{"method":"PUT","url":"Patient/{{{patient}}}"}}]}
                """;
            Assert.Equal(200, (await Server.PostAsync("", bundle, ("X-Request-Id", request))).Status);
            var rows = (await RowsAsync($"entity=Patient/{patient}&_count=100")).Where(r => r.ToJsonString().Contains(request, StringComparison.Ordinal)).ToList();
            Assert.Equal(["create", "read", "update"], rows.Select(r => r["subtype"]![0]!["code"]!.GetValue<string>()).Where(s => s != type).Order());
            Assert.Single((await RowsAsync($"subtype={type}")), r => r.ToJsonString().Contains(request, StringComparison.Ordinal));
        }
    }

    [Fact, Trait("Requirement", "S-50")]
    public async Task A_refusal_says_its_class_of_reason()
    {
        var id = "nobody-" + Guid.NewGuid().ToString("N")[..20];
        Assert.Equal(404, (await Server.GetAsync($"Patient/{id}")).Status);
        var row = (await RowsAsync($"entity=Patient/{id}")).Single();
        Assert.Equal("4", row["outcome"]!.GetValue<string>());
        Assert.Equal("404 not-found", row["outcomeDesc"]!.GetValue<string>());
    }

    [Fact, Trait("Requirement", "S-50"), Trait("Requirement", "S-54")]
    public async Task Nothing_of_a_record_is_in_its_rows()
    {
        var patient = await PatientAsync();
        await Server.PutAsync($"Patient/{patient}", $$"""{"resourceType":"Patient","id":"{{patient}}","name":[{"family":"{{Canary}}2"}],"telecom":[{"value":"555-{{Canary}}"}]}""");
        await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","name":"{{Canary}}"}""");
        await Server.GetAsync($"Patient/{patient}/_history");
        foreach (var row in await RowsAsync("_count=1000"))
            Assert.DoesNotContain(Canary, row.ToJsonString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact, Trait("Requirement", "S-50")]
    public async Task A_change_of_security_labels_is_named()
    {
        const string Labels = """ "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},""";
        var patient = await PatientAsync();
        foreach (var (labels, gender) in ((string, string)[])[(Labels, "male"), (Labels, "female"), ("", "male")]) // what leaves them out keeps them
            Assert.Equal(200, (await Server.PutAsync($"Patient/{patient}", $$"""{"resourceType":"Patient","id":"{{patient}}",{{labels}}"gender":"{{gender}}"}""")).Status);

        var rows = await RowsAsync($"entity=Patient/{patient}");
        Assert.Equal(["200", "200", "200: security labels changed", "201"], rows.Select(r => r["outcomeDesc"]!.GetValue<string>()));
    }

    [Fact, Trait("Requirement", "S-50")]
    public async Task Metadata_leaves_no_row()
    {
        var request = "meta-" + Guid.NewGuid().ToString("N");
        Assert.Equal(200, (await Server.GetAsync("metadata", ("X-Request-Id", request))).Status);
        Assert.DoesNotContain(await RowsAsync("_count=200"), r => r.ToJsonString().Contains(request, StringComparison.Ordinal));
    }

    [Fact, Trait("Requirement", "S-52")]
    public async Task Nobody_changes_or_removes_a_row_over_the_api()
    {
        var patient = await PatientAsync();
        var row = (await RowsAsync($"entity=Patient/{patient}"))[0];
        var id = row["id"]!.GetValue<string>();
        Assert.Equal(405, (await Server.PutAsync($"AuditEvent/{id}", row.ToJsonString())).Status);
        Assert.Equal(405, (await Server.DeleteAsync($"AuditEvent/{id}")).Status);
        Assert.Equal(405, (await Server.PatchAsync($"AuditEvent/{id}", """[{"op":"remove","path":"/agent"}]""")).Status);
        Assert.Equal(200, (await Server.GetAsync($"AuditEvent/{id}")).Status);
        Assert.Equal(404, (await Server.GetAsync("AuditEvent/log-0000000000000001")).Status);
    }

    [Fact, Trait("Requirement", "S-52")]
    public async Task Nor_what_clients_have_stored_by_whatever_road()
    {
        var patient = await PatientAsync();
        var body = $$$"""{"resourceType":"AuditEvent","type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110106"},"recorded":"2026-01-01T00:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"app"}},"entity":[{"what":{"reference":"Patient/{{{patient}}}"}}],"id":"ID"}""";
        var id = (await Server.PostAsync("AuditEvent", body)).Id;
        body = body.Replace("ID", id, StringComparison.Ordinal);
        var changed = body.Replace("\"app\"", "\"another\"", StringComparison.Ordinal);
        string Entry(string kind, string method, string resource) => $$"""{"resourceType":"Bundle","type":"{{kind}}","entry":[{{{resource}}"request":{"method":"{{method}}","url":"AuditEvent/{{id}}"} }]}""";

        Assert.Equal(200, (await Server.PutAsync($"AuditEvent/{id}", body)).Status); // the same again is no change
        Assert.Equal(405, (await Server.PutAsync($"AuditEvent/{id}", changed)).Status);
        Assert.Equal(405, (await Server.PutAsync($"AuditEvent?_id={id}", changed)).Status);
        Assert.Equal(405, (await Server.PatchAsync($"AuditEvent/{id}", """[{"op":"replace","path":"/source/observer/display","value":"another"}]""")).Status);
        Assert.Equal(405, (await Server.DeleteAsync($"AuditEvent/{id}")).Status);
        Assert.Equal(405, (await Server.DeleteAsync($"AuditEvent?_id={id}")).Status);
        Assert.Equal(405, (await Server.PostAsync($"AuditEvent/{id}/$purge", "")).Status);
        Assert.Equal(405, (await Server.PostAsync("", Entry("transaction", "DELETE", ""))).Status);
        Assert.StartsWith("405", (await Server.PostAsync("", Entry("batch", "PUT", $"\"resource\":{changed},"))).Entries[0]["response"]!["status"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(405, (await Server.PostAsync($"AuditEvent/{id}/$meta-add", """{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}]}}]}""")).Status);

        var kept = await Server.GetAsync($"AuditEvent/{id}");
        Assert.Equal("W/\"1\"", kept.ETag);
        Assert.Equal("app", kept.Json["source"]!["observer"]!["display"]!.GetValue<string>());
    }

    [Fact, Trait("Requirement", "S-54")]
    public async Task Rows_and_what_clients_have_stored_come_in_one_order_page_by_page()
    {
        var patient = await PatientAsync();
        var posted = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await Server.GetAsync($"Patient/{patient}");
            var time = TimeProvider.System.GetUtcNow().AddMinutes(i - 2).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            var stored = await Server.PostAsync("AuditEvent", $$$"""{"resourceType":"AuditEvent","type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110106"},"recorded":"{{{time}}}","agent":[{"requestor":true}],"source":{"observer":{"display":"app"}},"entity":[{"what":{"reference":"Patient/{{{patient}}}"}}]}""");
            Assert.True(stored.Status == 201, stored.Body);
            posted.Add(stored.Id);
        }

        var (times, ids) = (new List<string>(), new List<string>());
        for (var next = $"AuditEvent?entity=Patient/{patient}&_sort=-date&_count=3"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.InRange(page.Entries.Count, 1, 3);
            times.AddRange(page.Entries.Select(e => e["resource"]!["recorded"]!.GetValue<string>()));
            ids.AddRange(page.Ids);
            next = page.Next;
        }

        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.Equal(ids.Distinct(), ids);
        Assert.Empty(posted.Except(ids));
        Assert.Equal(11, ids.Count(id => id.StartsWith("log-", StringComparison.Ordinal))); // one create, five reads, five creates of what names the patient
        var total = (await Server.GetAsync($"AuditEvent?entity=Patient/{patient}&_summary=count")).Json["total"]!.GetValue<int>();
        Assert.Equal(ids.Count, total);
    }

    [Fact, Trait("Requirement", "S-54")]
    public async Task Rows_are_found_by_patient_agent_action_outcome_and_date_together()
    {
        var patient = await PatientAsync();
        await Server.GetAsync($"Patient/{patient}");
        await Server.DeleteAsync($"Patient/{patient}");
        Assert.Equal(410, (await Server.GetAsync($"Patient/{patient}")).Status);

        async Task<int> CountAsync(string query) => (await RowsAsync($"patient=Patient/{patient}&{query}")).Count;
        Assert.Equal(1, await CountAsync("action=D"));
        Assert.Equal(2, await CountAsync("action=C,D"));
        Assert.Equal(3, await CountAsync("agent=somebody&outcome=0"));
        Assert.Equal(1, await CountAsync("outcome=4"));
        Assert.Equal(4, await CountAsync($"date={TimeProvider.System.GetUtcNow():yyyy}"));
        Assert.Equal(0, await CountAsync("date=lt2020"));
        Assert.Equal(0, await CountAsync("agent=somebody-else"));
        Assert.Equal(0, await CountAsync("action=X"));
        Assert.Equal(400, (await Server.GetAsync("AuditEvent?date=yesterday")).Status);
    }

    [Fact, Trait("Requirement", "S-55")]
    public async Task A_record_tells_who_accessed_it_in_words()
    {
        var patient = await PatientAsync();
        Assert.Equal(201, (await Server.PostAsync("Observation", Observation(patient, "w"))).Status);
        await Server.GetAsync($"Patient/{patient}");
        await Server.GetAsync($"Observation?subject=Patient/{patient}");

        var answer = await Server.GetAsync($"Patient/{patient}/$who-accessed?_count=3");
        Assert.True(answer.Status == 200, answer.Body);
        string Part(JsonNode access, string name) => access["part"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == name)!["valueString"]!.GetValue<string>();
        var first = answer.Json["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == "access").Select(p => p!).ToList();
        Assert.Equal(["saw Observation records in a search", "read the patient's own entry", "wrote an Observation"], first.Select(a => Part(a, "what")));
        Assert.All(first, a => Assert.Equal("somebody", Part(a, "who")));
        var next = answer.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "next")!["valueString"]!.GetValue<string>();
        var rest = await Server.GetAsync($"Patient/{patient}/$who-accessed?_count=100&_page={next}");
        Assert.Contains("wrote the patient's own entry", rest.Body, StringComparison.Ordinal);
    }

    [Fact, Trait("Requirement", "S-51")]
    public async Task Many_clients_at_once_leave_one_row_each()
    {
        var patient = await PatientAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? Server.PostAsync("Observation", Observation(patient, "c")) : Server.GetAsync($"Patient/{patient}")));
        Assert.All(replies, r => Assert.True(r.Status is 200 or 201, r.Body));
        Assert.Equal(201, (await RowsAsync($"entity=Patient/{patient}&_count=1000")).Count);
        var verified = await Server.GetAsync("AuditEvent/$verify");
        Assert.True(verified.Status == 200, verified.Body);
        Assert.Equal(0, verified.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == "findings")!["valueDecimal"]!.GetValue<int>());
    }

    private async Task<string> PatientAsync()
    {
        var created = await Server.PostAsync("Patient", $$"""{"resourceType":"Patient","name":[{"family":"{{Canary}}"}]}""");
        Assert.True(created.Status == 201, created.Body);
        return created.Id;
    }

    /// <summary>Rows of the server's own, newest first.</summary>
    private async Task<List<JsonNode>> RowsAsync(string query)
    {
        var page = await Server.GetAsync($"AuditEvent?{query}");
        Assert.True(page.Status == 200, page.Body);
        return [.. page.Entries.Select(e => e["resource"]!).Where(r => r["id"]!.GetValue<string>().StartsWith("log-", StringComparison.Ordinal))];
    }

    private static string Observation(string patient, string tag) =>
        $$$"""{"resourceType":"Observation","meta":{"tag":[{"code":"{{{tag}}}"}]},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";
}

public sealed class SqliteAuditTests(SqliteServer server) : AuditTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresAuditTests(PostgresServer server) : AuditTests(server), IClassFixture<PostgresServer>;
