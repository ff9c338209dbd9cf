using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>Bulk Data Access 2.0 over HTTP: kick-off, status, manifest, files (hl7.org/fhir/uv/bulkdata/STU2).</summary>
public abstract class ExportTests(ExportServer server) : OnServer(server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private new ExportServer Server => (ExportServer)base.Server;

    [Fact]
    public async Task A_file_holds_what_a_read_gives_one_resource_a_line()
    {
        await PutAsync("Patient/file-1", """{"resourceType":"Patient","id":"file-1","name":[{"family":"Zeile\n","given":["ß"]}]}""");
        await PutAsync("Patient/file-2", "{\r\n  \"resourceType\": \"Patient\",\r\n  \"id\": \"file-2\",\n  \"gender\": \"female\"\n}");

        var (status, manifest) = await Server.DoneAsync("$export?_type=Patient&_typeFilter=Patient?_id=file-1,file-2");

        foreach (var line in await Server.LinesAsync(manifest))
            Assert.Equal((await Server.GetAsync(ExportServer.Key(line))).Json.ToJsonString(), line.ToJsonString());
        Assert.Equal(2, manifest["output"]!.AsArray().Sum(f => f!["count"]!.GetValue<int>()));
        Assert.True(manifest["requiresAccessToken"]!.GetValue<bool>());
        Assert.Equal(Server.BaseUrl + "/$export?_type=Patient&_typeFilter=Patient?_id=file-1,file-2", Uri.UnescapeDataString(manifest["request"]!.GetValue<string>()));
        Assert.Empty(manifest["deleted"]!.AsArray());
        Assert.Empty(manifest["error"]!.AsArray());
        var again = await Server.GetAsync(status);
        Assert.Equal("application/json", again.MediaType);
        Assert.True(again.Headers.ContainsKey("Expires"));
        Assert.Equal(404, (await Server.GetAsync(status + "/9")).Status);
        Assert.Equal(405, (await Server.PostAsync(status, """{"resourceType":"Parameters"}""")).Status);
    }

    [Theory]
    [InlineData("$export?_type=Patiant", "Did you mean 'Patient'?")]
    [InlineData("$export?_outputFormat=application/parquet", "application/fhir+ndjson")]
    [InlineData("$export?_since=yesterday", "2026-01-31")]
    [InlineData("$export?_since=2199-01-01T00:00:00Z", "future")]
    [InlineData("$export?_typeFilter=Patient", "Observation?category=laboratory")]
    [InlineData("$export?_typeFilter=Patient?famly=x", "family")]
    [InlineData("$export?_typeFilter=Patient?_count=3", "_count")]
    [InlineData("$export?_type=Observation&_typeFilter=Patient?gender=male", "_type does not name")]
    [InlineData("$export?_elements=Patient.nam", "_elements")]
    [InlineData("$export?patient=Patient/1", "Patient/$export")]
    [InlineData("$export?_typ=Patient", "Did you mean '_type'?")]
    [InlineData("$export?includeAssociatedData=CustomResources", "LatestProvenanceResources")]
    [InlineData("Patient/$export?_type=Organization", "Organization")]
    [InlineData("Patient/$export?patient=Patient/never-was", "never-was")]
    [InlineData("Patient/$export?patient=Device/1", "Patient/[id]")]
    public async Task A_request_that_cannot_be_met_is_refused_with_the_fix(string address, string text)
    {
        var refused = await Server.GetAsync(address, ExportServer.Async);

        Assert.Equal((400, "OperationOutcome"), (refused.Status, refused.Json["resourceType"]!.GetValue<string>()));
        Assert.Contains(text, refused.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_asked_for_asynchronously_and_of_what_is_there()
    {
        Assert.Equal(400, (await Server.GetAsync("$export")).Status);
        Assert.Equal(404, (await Server.GetAsync("Group/never/$export", ExportServer.Async)).Status);
        Assert.Equal(404, (await Server.GetAsync("$export/never")).Status);
        Assert.Equal(404, (await Server.GetAsync("Observation/$export", ExportServer.Async)).Status);
    }

    [Fact]
    public async Task As_parquet_it_is_a_row_a_resource_with_the_columns_of_the_documentation()
    {
        await PutAsync("Patient/pq", """{"resourceType":"Patient","id":"pq","gender":"female","birthDate":"1980-05"}""");
        await PutAsync("Encounter/pq", """{"resourceType":"Encounter","id":"pq","status":"finished","class":{"system":"urn:class","code":"AMB","display":"ambulatory"},"subject":{"reference":"Patient/pq"},"period":{"start":"2026-01-02T10:00:00Z","end":"2026-01-02T10:30:00Z"}}""");
        await PutAsync("Observation/pq-1", """{"resourceType":"Observation","id":"pq-1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2345-7","display":"Glucose"}],"text":"Sugar"},"subject":{"reference":"Patient/pq"},"encounter":{"reference":"Encounter/pq"},"effectiveDateTime":"2026-01-02T10:15:00+02:00","valueQuantity":{"value":95.50,"unit":"mg/dL"}}""");
        await PutAsync("Observation/pq-2", """{"resourceType":"Observation","id":"pq-2","status":"amended","code":{"text":"Zeile ß"},"subject":{"reference":"Patient/pq"},"valueString":"positive"}""");
        await PutAsync("Invoice/pq", """{"resourceType":"Invoice","id":"pq","status":"issued","subject":{"reference":"Patient/pq"},"totalNet":{"value":120.05,"currency":"USD"}}""");

        var (_, manifest) = await Server.DoneAsync("Patient/$export?_outputFormat=parquet&patient=Patient/pq&_type=Patient,Encounter,Observation,Invoice");

        var rows = new Dictionary<string, Dictionary<string, object?>>();
        foreach (var file in manifest["output"]!.AsArray())
        {
            using var reply = await Server.Http.GetAsync(file!["url"]!.GetValue<string>(), Ct);
            Assert.Equal("application/vnd.apache.parquet", reply.Content.Headers.ContentType!.MediaType);
            foreach (var row in await ParquetRows.ReadAsync(await reply.Content.ReadAsByteArrayAsync(Ct)))
                rows[$"{file["type"]}/{row["id"]}"] = row;
        }

        Assert.Equal(["Encounter/pq", "Invoice/pq", "Observation/pq-1", "Observation/pq-2", "Patient/pq"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.All(rows.Values, r => Assert.Equal(("pq", 1), (r["patient_id"], r["version_id"])));
        foreach (var (key, row) in rows)
            Assert.Equal((await Server.GetAsync(key)).Json.ToJsonString(), JsonNode.Parse((string)row["resource"]!)!.ToJsonString());
        var first = rows["Observation/pq-1"];
        Assert.Equal(("http://loinc.org", "2345-7", "Glucose", "Sugar"), (first["code_system"], first["code"], first["code_display"], first["code_text"]));
        Assert.Equal((95.5, "95.50", "mg/dL", "pq", new DateTime(2026, 1, 2, 8, 15, 0, DateTimeKind.Utc)), (first["value_number"], first["value_text"], first["value_unit"], first["encounter_id"], first["start_time"]));
        Assert.Equal(("amended", "Zeile ß", "positive", null, null), (rows["Observation/pq-2"]["status"], rows["Observation/pq-2"]["code_text"], rows["Observation/pq-2"]["value_text"], rows["Observation/pq-2"]["value_number"], rows["Observation/pq-2"]["code"]));
        Assert.Equal((new DateTime(2026, 1, 2, 10, 30, 0, DateTimeKind.Utc), "AMB"), (rows["Encounter/pq"]["end_time"], rows["Encounter/pq"]["code"]));
        Assert.Equal((120.05m, "USD"), (rows["Invoice/pq"]["amount"], rows["Invoice/pq"]["currency"]));
        Assert.Equal(("female", "1980-05"), (rows["Patient/pq"]["gender"], rows["Patient/pq"]["birth_date"]));
    }

    [Theory]
    [InlineData("application/fhir+ndjson")]
    [InlineData("application/ndjson")]
    [InlineData("ndjson")]
    public async Task Each_name_of_the_format_is_taken(string format) =>
        Assert.Empty(await Server.KeysAsync($"$export?_outputFormat={Uri.EscapeDataString(format)}&_type=Substance"));

    [Fact]
    public async Task Lenient_handling_leaves_out_what_it_does_not_know_and_says_so_in_an_error_file()
    {
        var accepted = await Server.GetAsync("$export?_type=Substance,Substanz&organizeOutputBy=Patient", ("Prefer", "respond-async, handling=lenient"));
        Assert.Equal(202, accepted.Status);

        var manifest = (await Server.FinishedAsync(accepted.Location!)).Json;

        var outcome = Assert.Single(await Server.LinesAsync(manifest, "error", "OperationOutcome"));
        Assert.Equal(2, outcome["issue"]!.AsArray().Count);
        Assert.Equal(400, (await Server.GetAsync("$export?_type=Substanz", ("Prefer", "respond-async, handling=lenient"))).Status);
        Assert.Equal(400, (await Server.GetAsync("$export?_since=soon", ("Prefer", "respond-async, handling=lenient"))).Status);
    }

    [Fact]
    public async Task Filters_of_one_type_are_alternatives()
    {
        await PutAsync("Patient/or-p", """{"resourceType":"Patient","id":"or-p","name":[{"family":"Oder"}]}""");
        foreach (var (id, code, status) in ((string, string, string)[])[("or-1", "a", "final"), ("or-2", "b", "final"), ("or-3", "c", "final"), ("or-4", "a", "amended")])
            await PutAsync($"Observation/{id}", Observation(id, "or-p", code, status));

        string[] two = ["Observation/or-1", "Observation/or-2", "Observation/or-4"];
        Assert.Equal(two, await Server.KeysAsync("$export?_type=Observation&_typeFilter=Observation?patient=or-p%26code=a&_typeFilter=Observation?patient=or-p%26code=b"));
        Assert.Equal(two, await Server.KeysAsync("$export?_type=Observation&_typeFilter=Observation?patient=or-p%26code=a,b"));
        Assert.Equal(two, await Server.KeysAsync("$export?_type=Observation&_typeFilter=Observation?patient=or-p%26code=a,Observation?patient=or-p%26code=b"));
        Assert.Equal(["Observation/or-4"], await Server.KeysAsync("$export?_type=Observation&_typeFilter=Observation?subject:Patient.family=oder%26status=amended"));
        Assert.Equal(two, await Server.KeysAsync("$export", """
            {"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Observation"},{"name":"_typeFilter","valueString":"Observation?patient=or-p&code=a"},
             {"name":"_typeFilter","valueString":"Observation?patient=or-p&code=b"},{"name":"_outputFormat","valueString":"application/fhir+ndjson"}]}
            """));
    }

    [Fact]
    public async Task Elements_are_chosen_and_what_is_cut_is_tagged()
    {
        await PutAsync("Patient/part-1", """{"resourceType":"Patient","id":"part-1","gender":"male","birthDate":"1970-01-01","name":[{"family":"Teil"}]}""");
        await PutAsync("Observation/part-2", Observation("part-2", "part-1", "a"));

        var lines = await Server.LinesAsync((await Server.DoneAsync("Patient/$export?_type=Patient,Observation&patient=Patient/part-1&_elements=gender,Patient.name")).Manifest);

        Assert.Equal(2, lines.Count);
        var patient = lines.Find(l => l["resourceType"]!.GetValue<string>() == "Patient")!;
        Assert.Equal(["gender", "id", "meta", "name", "resourceType"], patient.AsObject().Select(p => p.Key).Order());
        Assert.All(lines, l => Assert.Contains("SUBSETTED", l["meta"]!.ToJsonString(), StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Null(l["subject"])); // what must be there is left: a part is a valid resource, too
    }

    [Fact]
    public async Task What_changed_and_what_was_deleted_since_comes_and_nothing_else()
    {
        foreach (var id in (string[])["since-1", "since-2", "since-3", "since-4", "since-5"])
            await PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","identifier":[{"system":"urn:since","value":"x"}]}""");
        await PutAsync("Patient/since-other", """{"resourceType":"Patient","id":"since-other"}""");
        const string filter = "_type=Patient&_typeFilter=Patient?identifier=urn:since%7Cx";
        var since = (await Server.DoneAsync("$export?" + filter)).Manifest["transactionTime"]!.GetValue<string>();

        await PutAsync("Patient/since-1", """{"resourceType":"Patient","id":"since-1","active":true,"identifier":[{"system":"urn:since","value":"x"}]}""");
        await Server.DeleteAsync("Patient/since-2");
        await Server.DeleteAsync("Patient/since-other");
        await Server.DeleteAsync("Patient/since-3");
        await PutAsync("Patient/since-3", """{"resourceType":"Patient","id":"since-3","identifier":[{"system":"urn:since","value":"x"}]}""");
        await PutAsync("Patient/since-4", """{"resourceType":"Patient","id":"since-4"}""");
        var (_, manifest) = await Server.DoneAsync($"$export?_since={since}&{filter}");

        Assert.Equal(["Patient/since-1", "Patient/since-3"], (await Server.LinesAsync(manifest)).Select(ExportServer.Key).Order());
        var bundle = Assert.Single(await Server.LinesAsync(manifest, "deleted", "Bundle"));
        Assert.Equal("transaction", bundle["type"]!.GetValue<string>());
        Assert.Equal("""{"method":"DELETE","url":"Patient/since-2"}""", Assert.Single(bundle["entry"]!.AsArray())!["request"]!.ToJsonString());
    }

    [Fact]
    public async Task Of_patients_comes_what_belongs_to_them()
    {
        foreach (var id in (string[])["own-1", "own-2", "own-3"])
        {
            await PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","link":[{"other":{"reference":"Patient/own-1"},"type":"seealso"}]}""");
            await PutAsync($"Observation/{id}-o", Observation($"{id}-o", id, "a"));
            await PutAsync($"Encounter/{id}-e", $$"""{"resourceType":"Encounter","id":"{{id}}-e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{id}}"} }""");
        }

        await PutAsync("Organization/own-org", """{"resourceType":"Organization","id":"own-org","name":"Praxis"}""");
        await PutAsync("Observation/own-none", """{"resourceType":"Observation","id":"own-none","status":"final","code":{"text":"x"},"subject":{"reference":"Group/own-group"}}""");
        await PutAsync("Appointment/own-both", """
            {"resourceType":"Appointment","id":"own-both","status":"booked","participant":[{"actor":{"reference":"Patient/own-1"},"status":"accepted"},{"actor":{"reference":"Patient/own-2"},"status":"accepted"}]}
            """);

        var all = await Server.KeysAsync("Patient/$export");
        Assert.Superset(new HashSet<string> { "Patient/own-1", "Observation/own-2-o", "Encounter/own-3-e", "Appointment/own-both" }, all.ToHashSet());
        Assert.DoesNotContain("Organization/own-org", all);
        Assert.DoesNotContain("Observation/own-none", all);
        Assert.Equal(all.Distinct(), all);
        Assert.Equal(["Encounter/own-1-e", "Observation/own-1-o", "Patient/own-1"], await Server.KeysAsync("Patient/$export?patient=Patient/own-1&_type=Patient,Observation,Encounter"));
        Assert.Equal(["Appointment/own-both", "Encounter/own-1-e", "Encounter/own-2-e", "Observation/own-1-o", "Observation/own-2-o", "Patient/own-1", "Patient/own-2"],
            await Server.KeysAsync("Patient/$export", """{"resourceType":"Parameters","parameter":[{"name":"patient","valueReference":{"reference":"Patient/own-1"}},{"name":"patient","valueReference":{"reference":"Patient/own-2"}}]}"""));
        Assert.Contains("Organization/own-org", await Server.KeysAsync("$export"));
    }

    [Fact]
    public async Task Of_a_group_come_the_records_of_those_who_are_members_now()
    {
        foreach (var id in (string[])["in-1", "in-2", "in-3", "in-4", "in-5", "in-6"])
        {
            await PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
            await PutAsync($"Observation/{id}-o", Observation($"{id}-o", id, "a"));
        }

        await PutAsync("Group/in", """
            {"resourceType":"Group","id":"in","type":"person","actual":true,"member":[
              {"entity":{"reference":"Patient/in-1"}},
              {"entity":{"reference":"Patient/in-2"},"inactive":true},
              {"entity":{"reference":"Patient/in-3"},"inactive":false,"period":{"start":"2020-01-01"}},
              {"entity":{"reference":"Patient/in-4"},"period":{"start":"2020-01-01","end":"2020-12-31"}},
              {"entity":{"reference":"Patient/in-5"},"period":{"start":"2199-01-01"}}]}
            """);

        // A group is in the compartments of its members, this one too.
        Assert.Equal(["Group/in", "Observation/in-1-o", "Observation/in-3-o", "Patient/in-1", "Patient/in-3"], await Server.KeysAsync("Group/in/$export"));
        Assert.Equal(["Observation/in-3-o"], await Server.KeysAsync("Group/in/$export?patient=Patient/in-3&_type=Observation"));
        Assert.Equal(400, (await Server.GetAsync("Group/in/$export?patient=Patient/in-2", ExportServer.Async)).Status);
    }

    [Fact]
    public async Task Deletions_of_a_patient_are_those_of_what_was_theirs()
    {
        foreach (var id in (string[])["gone-1", "gone-2"])
        {
            await PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
            await PutAsync($"Observation/{id}-o", Observation($"{id}-o", id, "a"));
        }

        // A deletion in the very millisecond would not be later than it.
        var since = FhirInstant.Format(await Server.Services.GetRequiredService<IPast>().SettleAsync(Server.Clock.GetUtcNow(), Ct));
        await Server.DeleteAsync("Observation/gone-1-o");
        await Server.DeleteAsync("Observation/gone-2-o");

        var bundle = Assert.Single(await Server.LinesAsync((await Server.DoneAsync($"Patient/$export?patient=Patient/gone-1&_since={since}")).Manifest, "deleted"));
        Assert.Equal("Observation/gone-1-o", Assert.Single(bundle["entry"]!.AsArray())!["request"]!["url"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_large_content_is_exported_whole()
    {
        var bytes = new byte[(5 * 1024 * 1024) + 1];
        new Random(7).NextBytes(bytes);
        var data = Convert.ToBase64String(bytes);
        await PutAsync("Binary/large-b", $$"""{"resourceType":"Binary","id":"large-b","contentType":"application/octet-stream","data":"{{data}}"}""");
        await PutAsync("Binary/large-s", $$"""{"resourceType":"Binary","id":"large-s","contentType":"application/octet-stream","data":"{{data[..200_000]}}"}""");

        var lines = await Server.LinesAsync((await Server.DoneAsync("$export?_type=Binary")).Manifest, type: "Binary");

        Assert.Equal(data, lines.Single(l => l["id"]!.GetValue<string>() == "large-b")["data"]!.GetValue<string>());
        Assert.Equal(data[..200_000], lines.Single(l => l["id"]!.GetValue<string>() == "large-s")["data"]!.GetValue<string>());
    }

    [Fact]
    public async Task One_that_is_given_up_is_gone_with_its_files()
    {
        await PutAsync("Patient/cancel-1", """{"resourceType":"Patient","id":"cancel-1"}""");
        var (status, manifest) = await Server.DoneAsync("$export?_type=Patient");
        var file = manifest["output"]![0]!["url"]!.GetValue<string>();
        Assert.Equal(200, (await Server.GetAsync(file)).Status);
        var content = await ContentAsync(status);

        Assert.Equal(202, (await Server.DeleteAsync(status)).Status);

        Assert.Equal(404, (await Server.GetAsync(status)).Status);
        Assert.Equal(404, (await Server.GetAsync(file)).Status);
        Assert.Equal(404, (await Server.DeleteAsync(status)).Status);
        await IsErasedAsync(content);
    }

    [Fact]
    public async Task Files_live_a_day()
    {
        await PutAsync("Patient/day-1", """{"resourceType":"Patient","id":"day-1"}""");
        var (status, manifest) = await Server.DoneAsync("$export?_type=Patient");
        var (file, content) = (manifest["output"]![0]!["url"]!.GetValue<string>(), await ContentAsync(status));

        Server.Clock.Forward(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(10));
        Assert.Equal(200, (await Server.GetAsync(file)).Status);
        Server.Clock.Forward(TimeSpan.FromMinutes(11));
        Assert.Equal(404, (await Server.GetAsync(file)).Status);
        Assert.Equal(404, (await Server.GetAsync(status)).Status);
        await IsErasedAsync(content);
    }

    [Fact]
    [Trait("Requirement", "S-39")]
    public async Task Files_at_rest_are_encrypted_and_bound_to_their_place()
    {
        await PutAsync("Patient/rest-1", """{"resourceType":"Patient","id":"rest-1","name":[{"family":"Geheimnis"}]}""");
        var (progress, selection, _) = await Server.BeginAsync(Caller.System, "$export?_type=Patient,Substance");
        progress = await Server.RunAsync(progress, selection!, 1000);
        var file = Assert.Single(progress.Files);
        var store = Server.Services.GetRequiredService<IResourceStore>();

        for (var ordinal = 0; await store.ReadPieceAsync(file.Content, ordinal, SystemPlans.Work, Ct) is { } piece; ordinal++)
            Assert.True(piece.AsSpan().IndexOf("Geheimnis"u8) < 0 && piece.AsSpan().IndexOf(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }) < 0); // neither the text nor a zstd frame
        var reader = Server.Services.GetRequiredService<ExportFileReader>();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await DrainAsync(reader, file with { Pieces = file.Pieces - 1 })); // cut off
        var (other, wanted, _) = await Server.BeginAsync(Caller.System, "$export?_type=Patient");
        other = await Server.RunAsync(other, wanted!, 1000);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await DrainAsync(reader, file with { Content = other.Files[0].Content })); // another's
        await DrainAsync(reader, file);
    }

    [Fact]
    public async Task Only_so_many_are_under_way_for_one_client()
    {
        var store = Server.Services.GetRequiredService<IResourceStore>();
        for (var i = 0; i < 5; i++)
        {
            var plan = new FhirEmr.FhirServer.Storage.Commit.CommitPlan(); // taken by a worker that never ends
            plan.Statements.Add(JobSql.Add(new($"busy-{i}", ExportOperation.Kind, JobState.Running, "somebody", 0, 0, "{}", []), []));
            plan.Statements.Add(JobSql.Checkpoint($"busy-{i}", "", 0, long.MaxValue, "{}"));
            Assert.IsType<FhirEmr.FhirServer.Storage.Commit.CommitResult.Committed>(await store.CommitAsync(plan, Ct));
        }

        var refused = await Server.GetAsync("Group/never/$export", ExportServer.Async); // before anything is looked up
        Assert.Equal(429, refused.Status);
        Assert.True(refused.Headers.ContainsKey("Retry-After"));
        for (var i = 0; i < 5; i++)
        {
            var plan = new FhirEmr.FhirServer.Storage.Commit.CommitPlan();
            plan.Statements.Add(JobSql.Remove($"busy-{i}", "somebody"));
            await store.CommitAsync(plan, Ct);
        }

        Assert.Empty(await Server.KeysAsync("$export?_type=Substance"));
    }

    [Fact]
    public async Task An_export_that_cannot_be_gone_on_with_says_why()
    {
        var plan = new FhirEmr.FhirServer.Storage.Commit.CommitPlan();
        var request = new FhirRequest("GET", FhirTarget.Parse("Group/never/$export", out _)!, Caller.System) { BaseUrl = Server.BaseUrl };
        var progress = new ExportProgress(Server.Clock.GetUtcNow().ToUnixTimeMilliseconds(), "", SystemPlans.Work.Key, ["Patient"]);
        plan.Statements.Add(JobSql.Add(new("gone-on", ExportOperation.Kind, JobState.Queued, "somebody", progress.Instant, progress.Instant, progress.Write(), []), JobRequest.Write(request)));
        await Server.Services.GetRequiredService<IResourceStore>().CommitAsync(plan, Ct);
        Server.Services.GetRequiredService<ExportWorker>().Wake();
        Reply reply;
        while ((reply = await Server.GetAsync("$export/gone-on")).Status == 202)
            await Task.Delay(20, Ct);

        Assert.Equal(500, reply.Status);
        Assert.Contains("could not be gone on with: ", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("Group/never", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_parquet_too_a_binary_is_a_line()
    {
        await PutAsync("Binary/pq-b", """{"resourceType":"Binary","id":"pq-b","contentType":"text/plain","data":"eA=="}""");

        var (_, manifest) = await Server.DoneAsync("$export?_outputFormat=parquet&_type=Binary");

        Assert.Contains(await Server.LinesAsync(manifest), l => l["id"]!.GetValue<string>() == "pq-b");
    }

    [Fact]
    public async Task It_is_in_the_statement_of_what_the_server_does()
    {
        var statement = (await Server.GetAsync("metadata")).Json;

        Assert.Contains("http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data", statement["instantiates"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("OperationDefinition/export\"", statement["rest"]![0]!["operation"]!.ToJsonString(), StringComparison.Ordinal);
        foreach (var (type, name) in (ReadOnlySpan<(string, string)>)[("Patient", "patient-export"), ("Group", "group-export")])
            Assert.Contains(name, statement["rest"]![0]!["resource"]!.AsArray().Single(r => r!["type"]!.GetValue<string>() == type)!["operation"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static string Observation(string id, string patient, string code, string status = "final") =>
        $$"""{"resourceType":"Observation","id":"{{id}}","status":"{{status}}","code":{"coding":[{"system":"urn:export","code":"{{code}}"}]},"subject":{"reference":"Patient/{{patient}}"} }""";

    private async Task PutAsync(string address, string body)
    {
        var reply = await Server.PutAsync(address, body);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private async Task<long> ContentAsync(string status)
    {
        var job = await Server.Services.GetRequiredService<IResourceStore>().JobAsync(status[(status.LastIndexOf('/') + 1)..], "somebody", Ct);
        return ExportProgress.Read(job!.Progress).Files[0].Content;
    }

    private async Task IsErasedAsync(long content)
    {
        while (await Server.Services.GetRequiredService<IResourceStore>().ReadPieceAsync(content, 0, SystemPlans.Work, Ct) is not null)
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private static async Task DrainAsync(ExportFileReader reader, ExportFile file)
    {
        await foreach (var part in reader.ReadAsync(file, SystemPlans.Work, Ct))
            Assert.NotEmpty(part.Parts);
    }
}

public sealed class SqliteExportTests(ExportSqlite server) : ExportTests(server), IClassFixture<ExportSqlite>;

public sealed class PostgresExportTests(ExportPostgres server) : ExportTests(server), IClassFixture<ExportPostgres>;
