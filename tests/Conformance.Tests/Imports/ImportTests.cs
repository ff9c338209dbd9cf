using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary><c>$import</c> over HTTP: kick-off, what becomes of each line, and what is refused as a whole.</summary>
public abstract class ImportTests(ImportServer server) : OnServer(server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private new ImportServer Server => (ImportServer)base.Server;

    [Fact]
    public async Task Each_bad_line_is_named_and_the_others_are_stored()
    {
        var longText = new string('x', 70_000);
        var (output, errors) = await Server.DoneAsync(Lines(
            Observation("bad-1", "bad-p"), "{\"resourceType\":\"Patient\",", "", """{"resourceType":"Patient","id":"bad-2","nmae":[]}""", """{"resourceType":"Device","id":"bad-3"}""",
            Patient("bad-p"), Observation("bad-4", "bad-nobody"), Patient("bad-p", "Second"), $$"""{"resourceType":"Observation","id":"bad-5","status":"final","code":{"text":"{{longText}}"} }"""),
            "application/fhir+ndjson");

        Assert.Equal((8, 6, 5, 1, 2), (Number(output, "count"), Number(output, "count") - Number(output, "refused"), Number(output, "created"), Number(output, "updated"), Number(output, "refused")));
        Assert.Equal(["urn:fhiremr:request:2", "urn:fhiremr:request:4"], errors[..2].Select(Place));
        Assert.Contains("Did you mean 'name'?", errors[1], StringComparison.Ordinal);
        Assert.Contains("Patient/bad-nobody is referred to", errors[2], StringComparison.Ordinal);
        Assert.Equal("Second", (await Server.GetAsync("Patient/bad-p")).Json["name"]![0]!["family"]!.GetValue<string>());
        Assert.Equal(404, (await Server.GetAsync("Patient/bad-nobody")).Status);
        Assert.Equal(["bad-1"], (await Server.GetAsync("Observation?subject=Patient/bad-p")).Ids); // the line came before its patient
    }

    [Fact]
    public async Task Lines_of_many_commits_find_what_comes_after_them_all()
    {
        // Each commit refers to patients that none has brought yet: one key for each of them, whoever reserved it first. Amid them a line that is refused.
        var lines = Enumerable.Range(0, 3500).Select(i => i == 1700 ? """{"resourceType":"Observation","id":"many-bad","status":"final","code":{"text":"bad"},"subject":{"reference":"Patient?identifier=x"} }""" : Observation($"many-{i}", $"many-p{i % 7}"))
            .Concat(Enumerable.Range(0, 7).Select(i => Patient($"many-p{i}"))).Append(Observation("many-3", "many-p0"));
        var (output, errors) = await Server.DoneAsync(Lines([.. lines]), "application/fhir+ndjson");

        Assert.Equal((3508, 3506, 1, 1), (Number(output, "count"), Number(output, "created"), Number(output, "updated"), Number(output, "refused")));
        Assert.EndsWith(":1701", Place(Assert.Single(errors)), StringComparison.Ordinal);
        foreach (var i in Enumerable.Range(0, 7))
            Assert.Equal(i switch { 0 => 501, 3 => 499, _ => 500 } - (1700 % 7 == i ? 1 : 0), (await Server.GetAsync($"Observation?subject=Patient/many-p{i}&_summary=count")).Json["total"]!.GetValue<int>());
        Assert.Equal(7, (await Server.GetAsync("Patient?_has:Observation:subject:status=final&_id=" + string.Join(',', Enumerable.Range(0, 7).Select(i => $"many-p{i}")))).Ids.Count);
    }

    [Fact]
    public async Task A_line_of_another_type_or_no_utf8_is_refused_by_itself()
    {
        byte[] lines = [.. Encoding.UTF8.GetBytes(Lines(Patient("type-1"), Observation("type-2", "type-1"))), .. "{\"resourceType\":\"Patient\",\"id\":\"type-3\",\"gender\":\""u8, 0xFF, .. "\"}\n"u8];
        Server.Files["/type.ndjson"] = lines;
        var (output, errors) = await Server.DoneAsync(Manifest(new JsonObject { ["type"] = "Patient", ["url"] = Server.Origin + "/type.ndjson?sig=secret" }));

        Assert.Equal((1, 2), (Number(output, "created"), Number(output, "refused")));
        Assert.Equal([$"{Server.Origin}/type.ndjson:2", $"{Server.Origin}/type.ndjson:3"], errors.Select(Place));
        Assert.DoesNotContain("secret", string.Join("", errors) + output.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Observation/type-2")).Status);
    }

    [Theory]
    [Trait("Requirement", "S-75")]
    [InlineData("count", "lines, and the manifest says 3")]
    [InlineData("size", "bytes, and the manifest says 3")]
    [InlineData("sha256", "SHA-256")]
    [InlineData("cut", "damaged|cut off")]
    [InlineData("bomb", "100 times")]
    [InlineData("gone", "answered 404")]
    [InlineData("moved", "answered 302")]
    [InlineData("binary", "Binary/lie-never is not known here")]
    public async Task A_manifest_that_lies_is_refused_before_anything_is_written(string lie, string text)
    {
        Server.Files["/good.ndjson"] = Encoding.UTF8.GetBytes(Lines(Patient("lie-good-" + lie)));
        var bytes = Encoding.UTF8.GetBytes(Lines(Patient("lie-1"), Patient("lie-2")));
        var file = new JsonObject { ["url"] = $"{Server.Origin}/lie-{lie}?sig=secret", ["count"] = 2, ["size"] = bytes.Length, ["sha256"] = Convert.ToHexString(SHA256.HashData(bytes)) };
        switch (lie)
        {
            case "count" or "size":
                file[lie] = 3;
                break;
            case "sha256":
                file[lie] = new string('0', 64);
                break;
            case "cut":
                (bytes, file) = (GZip(bytes)[..^12], new() { ["url"] = file["url"]!.GetValue<string>() });
                break;
            case "bomb":
                (bytes, file) = (GZip(new byte[40 * 1024 * 1024]), new() { ["url"] = file["url"]!.GetValue<string>() });
                break;
            case "moved":
                file["url"] = Server.Origin + "/moved?sig=secret";
                break;
            case "binary":
                file["url"] = "Binary/lie-never";
                break;
        }

        if (lie != "gone")
            Server.Files["/lie-" + lie] = bytes;
        var (status, _, outcome) = await Server.ImportAsync(Manifest(new JsonObject { ["type"] = "Patient", ["url"] = Server.Origin + "/good.ndjson" }, file));

        Assert.Equal(422, status);
        Assert.Matches(text, outcome.ToJsonString());
        Assert.Contains("Nothing was written", outcome.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", outcome.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Patient/lie-good-" + lie)).Status);
        Assert.Equal(404, (await Server.GetAsync("Patient/lie-1")).Status);
    }

    [Theory]
    [InlineData("""{"input":[{"type":"Patient","url":"http://127.0.0.2:1/x"}]}""", "Import:AllowedOrigins")]
    [InlineData("""{"input":[{"type":"Patient","url":"http://169.254.169.254/latest/meta-data"}]}""", "Import:AllowedOrigins")]
    [InlineData("""{"input":[{"type":"Patient","url":"file:../secret.ndjson"}]}""", "below the import folder")]
    [InlineData("""{"input":[{"type":"Patient","url":"file:/etc/passwd"}]}""", "below the import folder")]
    [InlineData("""{"input":[{"type":"Patient","url":"file:link/one.ndjson"}]}""", "behind a link")]
    [InlineData("""{"input":[{"type":"Patient","url":"ftp://x/y"}]}""", "https")]
    [InlineData("""{"input":[{"type":"Patiant","url":"Binary/1"}]}""", "Did you mean 'Patient'?")]
    [InlineData("""{"inputFormat":"text/csv","input":[{"url":"Binary/1"}]}""", "application/fhir+ndjson")]
    [InlineData("""{"onDuplicate":"task","input":[{"url":"Binary/1"}]}""", "update, skip or fail")]
    [InlineData("""{"onDuplicat":"skip","input":[{"url":"Binary/1"}]}""", "Did you mean 'onDuplicate'?")]
    [InlineData("""{"ids":"new","versions":"keep","input":[{"url":"Binary/1"}]}""", "ids=new")]
    [InlineData("""{"storageDetail":{"type":"aws-s3"},"input":[{"url":"Binary/1"}]}""", "aws-s3")]
    [InlineData("""{"input":[{"type":"Patient"}]}""", "url")]
    [InlineData("""{"input":[]}""", "No file")]
    [InlineData("""{"input":[{"url":"Binary/1","count":-1}]}""", "cannot be read")]
    [InlineData("""{"output":[{"url":"Binary/1"}],"deleted":[{"url":"Binary/2"}]}""", "deletions")]
    [InlineData("""{"resourceType":"Patient"}""", "not a Patient")]
    [InlineData("""{"input":""", "cannot be read")]
    public async Task A_request_that_cannot_be_met_is_refused_with_the_fix(string body, string text)
    {
        var link = Path.Combine(Server.Folder.FullName, "link");
        if (!Directory.Exists(link))
            Directory.CreateSymbolicLink(link, Path.GetTempPath());
        var refused = await Server.SendAsync(HttpMethod.Post, "$import", body, "application/json", ImportServer.Async);

        Assert.Equal((400, "OperationOutcome"), (refused.Status, refused.Json["resourceType"]!.GetValue<string>()));
        Assert.Contains(text, refused.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_takes_so_many_files_and_no_more()
    {
        var refused = await Server.SendAsync(HttpMethod.Post, "$import", Manifest([.. Enumerable.Range(0, 10_001).Select(i => new JsonObject { ["url"] = $"Binary/{i}" })]), "application/json", ImportServer.Async);

        Assert.Equal(400, refused.Status);
        Assert.Contains("at most 10000 files", refused.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "S-75")]
    public async Task A_source_that_does_not_come_to_an_end_is_given_up()
    {
        var services = Server.Services;
        var staging = new ImportStaging(services.GetRequiredService<IResourceStore>(), services.GetRequiredService<EncryptionKeys>(), BodyCodec.Shipped, TimeProvider.System,
            services.GetRequiredService<ImportSources>(), services.GetRequiredService<IOptions<ImportOptions>>())
        { MostTime = TimeSpan.FromMilliseconds(300) };

        var fault = await Assert.ThrowsAsync<ImportFaultException>(() => staging.TakeAsync(new(null, Server.Origin + ImportServer.Endless + "?sig=secret"), SystemPlans.Work, Ct));

        Assert.Contains(ImportServer.Endless + " did not come within", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_is_no_base64_is_damaged_and_not_cut_off()
    {
        await using var damaged = new Base64Reader("eyJyZXNvdXJjZVR5cGUiOiJQYXRpZW50In0K!!!!"u8.ToArray());

        var fault = await Assert.ThrowsAsync<ImportFaultException>(() => Server.Services.GetRequiredService<ImportStaging>().TakeAsync(new(null, "Binary/damaged"), damaged, Ct));

        Assert.Contains("Binary/damaged is damaged", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 500, "a fault of its own")]
    [InlineData(false, 422, "Your rights have changed")]
    public async Task What_an_import_wrote_is_told_of_although_it_was_given_up_on_the_way(bool isOurFault, int status, string why)
    {
        var id = $"given-up-{isOurFault}";
        var (input, plan) = await Server.Services.GetRequiredService<ImportStaging>().TakeAsync(new("Patient", "urn:test"), new MemoryStream(Encoding.UTF8.GetBytes(Lines(Patient("up-1"), Patient("up-2")))), Ct);
        var progress = new ImportProgress("", SystemPlans.Work.Key, Begun: 0, new("https://old.example/" + id, true, false, OnDuplicate.Update, false), [input with { Lines = 1, Created = 1 }]);
        if (isOurFault)
            progress = progress with { Fault = why, IsOurFault = true, Failures = 5 };
        var request = new FhirRequest("POST", FhirTarget.Parse("$import", out _)!, isOurFault ? Caller.System : Caller.System with { Access = AccessPlan.Nothing }) { BaseUrl = Server.BaseUrl };
        var reply = await ByHandAsync(id, progress, request, plan);

        Assert.Equal(status, reply.Status);
        Assert.Contains(why, reply.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("1 lines had been done", reply.Diagnostics, StringComparison.Ordinal);
        var told = Assert.Single((await Server.GetAsync("Provenance?_sort=-_lastUpdated&_count=50")).Entries, e => e["resource"]!["target"]?[0]?["identifier"]?["value"]?.GetValue<string>() == id);
        Assert.StartsWith("1 resources", told["resource"]!["target"]![0]!["display"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_nodes_folder_is_not_taken_from_this_one()
    {
        await File.WriteAllTextAsync(Path.Combine(Server.Folder.FullName, "node.ndjson"), Lines(Patient("node-1")), Ct);
        var begun = new ImportProgress("", SystemPlans.Work.Key, Begun: 0, new(null, true, false, OnDuplicate.Update, false), [new("Patient", "file:node.ndjson")]) { Folder = "/of/another/node" };

        var reply = await ByHandAsync("other-node", begun, new("POST", FhirTarget.Parse("$import", out _)!, Caller.System) { BaseUrl = Server.BaseUrl }, new());

        Assert.Equal(422, reply.Status); // it waited for that node long enough
        Assert.Contains("another node", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(404, (await Server.GetAsync("Patient/node-1")).Status);
    }

    [Fact]
    public async Task It_is_asked_for_by_post_and_asynchronously()
    {
        Assert.Equal(400, (await Server.SendAsync(HttpMethod.Post, "$import", "{}", "application/json")).Status);
        Assert.Equal(405, (await Server.GetAsync("$import", ImportServer.Async)).Status);
        Assert.Equal(404, (await Server.GetAsync("$import/never")).Status);
        Assert.Equal(404, (await Server.GetAsync("$import/never/errors")).Status);
        var (_, location, _) = await Server.ImportAsync(Lines(Patient("post-1")), "application/fhir+ndjson");
        Assert.Equal(405, (await Server.PostAsync(location, """{"resourceType":"Parameters"}""")).Status);
        Assert.Equal(404, (await Server.GetAsync(location + "/errors")).Status);
        Assert.Equal(202, (await Server.DeleteAsync(location)).Status);
        Assert.Equal(404, (await Server.GetAsync(location)).Status);
        Assert.Equal(200, (await Server.GetAsync("Patient/post-1")).Status); // what is written stays
    }

    [Theory]
    [InlineData("update", 1, 1, 1, 0, 0, "New")]
    [InlineData("skip", 1, 0, 0, 2, 0, "Old")]
    [InlineData("fail", 1, 0, 0, 0, 2, "Old")]
    public async Task What_is_there_already_is_treated_as_asked(string mode, int created, int updated, int unchanged, int skipped, int refused, string name)
    {
        await Server.PutAsync($"Patient/dup-{mode}", Patient($"dup-{mode}", "Old"));
        await Server.PutAsync($"Patient/dup-{mode}-same", Patient($"dup-{mode}-same", "Same"));
        await Server.PutAsync("Binary/dup", new JsonObject
        {
            ["resourceType"] = "Binary",
            ["id"] = "dup",
            ["contentType"] = "application/gzip",
            ["data"] = Convert.ToBase64String(GZip(Encoding.UTF8.GetBytes(Lines(Patient($"dup-{mode}", "New"), Patient($"dup-{mode}-same", "Same"), Patient($"dup-{mode}-new"))))),
        }.ToJsonString());

        var (output, errors) = await Server.DoneAsync($$"""
            {"resourceType":"Parameters","parameter":[{"name":"inputFormat","valueCode":"application/fhir+ndjson"},{"name":"onDuplicate","valueCode":"{{mode}}"},
             {"name":"input","part":[{"name":"type","valueCode":"Patient"},{"name":"url","valueUri":"Binary/dup"},{"name":"count","valueInteger":3}]}]}
            """, "application/fhir+json");

        Assert.Equal((created, updated, unchanged, skipped, refused), (Number(output, "created"), Number(output, "updated"), Number(output, "unchanged"), Number(output, "skipped"), Number(output, "refused")));
        Assert.Equal(refused, errors.Length);
        Assert.Equal(name, (await Server.GetAsync($"Patient/dup-{mode}")).Json["name"]![0]!["family"]!.GetValue<string>());
    }

    [Fact]
    public async Task With_new_ids_the_references_among_the_records_follow_and_others_stay()
    {
        await Server.PutAsync("Patient/ids-here", Patient("ids-here"));
        await File.WriteAllTextAsync(Path.Combine(Server.Folder.FullName, "ids.ndjson"), Lines(
            Observation("ids-1", "ids-p"), Observation("ids-2", "ids-here"),
            """{"resourceType":"Observation","id":"ids-3","status":"final","code":{"text":"x"},"subject":{"reference":"https://elsewhere.example/fhir/Patient/ids-p"}}""", Patient("ids-p")), Ct);
        var (output, errors) = await Server.DoneAsync("""{"ids":"new","inputSource":"https://elsewhere.example/fhir/","input":[{"url":"file:ids.ndjson"}]}""");

        Assert.Equal((4, 0), (Number(output, "created"), errors.Length));
        Assert.Equal(404, (await Server.GetAsync("Patient/ids-p")).Status);
        var stored = (await Server.GetAsync("Observation?subject:missing=false&_include=Observation:subject&_count=200&_sort=-_lastUpdated")).Entries.Select(e => e["resource"]!).ToList();
        Assert.Contains(stored, r => r["subject"]?["reference"]?.GetValue<string>() == "Patient/ids-here");
        var patient = Assert.Single(stored, r => r["resourceType"]!.GetValue<string>() == "Patient" && r["name"]?[0]?["family"]?.GetValue<string>() == "Name of ids-p");
        Assert.Equal(2, (await Server.GetAsync($"Observation?subject=Patient/{patient["id"]}")).Ids.Count);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_writes_nothing()
    {
        var lines = Lines(Patient("dry-1"), "nothing", Observation("dry-2", "dry-1"));
        var (output, errors) = await Server.DoneAsync(lines, "application/fhir+ndjson", "?dryRun=true");

        Assert.Equal((2, 1, 1), (Number(output, "created"), Number(output, "refused"), errors.Length));
        Assert.Equal(404, (await Server.GetAsync("Patient/dry-1")).Status);
        (output, errors) = await Server.DoneAsync(lines, "application/fhir+ndjson", "?type=Patient");
        Assert.Equal((1, 2, 2), (Number(output, "created"), Number(output, "refused"), errors.Length));
    }

    [Fact]
    public async Task One_provenance_and_the_audit_say_where_the_records_are_from()
    {
        var (_, location, _) = await Server.ImportAsync(Lines(Patient("prov-1"), Patient("prov-2")), "application/fhir+ndjson", "?inputSource=https://old.example/fhir");

        var told = Assert.Single((await Server.GetAsync("Provenance?_sort=-_lastUpdated&_count=50")).Entries, e => e["resource"]!["entity"]?[0]?["what"]?["display"]?.GetValue<string>() == "https://old.example/fhir");
        Assert.EndsWith("/" + told["resource"]!["target"]![0]!["identifier"]!["value"]!.GetValue<string>(), location, StringComparison.Ordinal);
        Assert.NotEmpty((await Server.GetAsync("AuditEvent?entity=Patient/prov-1")).Entries);
        Assert.Contains("urn:fhiremr:OperationDefinition:import", (await Server.GetAsync("metadata")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_an_idempotency_key_it_is_begun_once()
    {
        (string, string)[] headers = [.. ImportServer.Async, ("Idempotency-Key", "import-once")];
        var first = await Server.SendAsync(HttpMethod.Post, "$import", Lines(Patient("key-1")), "application/fhir+ndjson", headers);
        var again = await Server.SendAsync(HttpMethod.Post, "$import", Lines(Patient("key-1")), "application/fhir+ndjson", headers);

        Assert.Equal((202, first.Location), (again.Status, again.Location));
    }

    /// <summary>An import as it lies in the store, gone on with by the server's worker.</summary>
    private async Task<Reply> ByHandAsync(string id, ImportProgress progress, FhirRequest request, CommitPlan plan)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        plan.Statements.Add(JobSql.Add(new(id, ImportOperation.Kind, JobState.Queued, "somebody", now, now, progress.Write(), []), JobRequest.Write(request)));
        await Server.Services.GetRequiredService<IResourceStore>().CommitAsync(plan, Ct);
        Server.Services.GetRequiredService<ImportWorker>().Wake();
        Reply reply;
        while ((reply = await Server.GetAsync("$import/" + id)).Status == 202)
            await Task.Delay(20, Ct);
        return reply;
    }

    internal static string Patient(string id, string? name = null) => $$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"{{name ?? "Name of " + id}}"}]}""";

    internal static string Observation(string id, string patient) => $$"""{"resourceType":"Observation","id":"{{id}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{patient}}"} }""";

    internal static string Lines(params string[] lines) => string.Join('\n', lines) + "\n";

    private static string Manifest(params JsonObject[] files) => new JsonObject { ["inputFormat"] = "application/fhir+ndjson", ["input"] = new JsonArray([.. files]) }.ToJsonString();

    private static int Number(JsonNode output, string name) => output[name]!.GetValue<int>();

    private static string Place(string outcome) => JsonNode.Parse(outcome)!["issue"]![0]!["location"]![0]!.GetValue<string>();

    internal static byte[] GZip(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return output.ToArray();
    }
}

public sealed class SqliteImportTests(ImportSqlite server) : ImportTests(server), IClassFixture<ImportSqlite>;

public sealed class PostgresImportTests(ImportPostgres server) : ImportTests(server), IClassFixture<ImportPostgres>;
