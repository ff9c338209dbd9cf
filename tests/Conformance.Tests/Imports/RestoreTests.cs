using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Imports;

/// <summary>Bulk export, an empty store, import: the same records with their ids, versions and times, however often it was killed on the way.</summary>
public abstract class RestoreTests(ImportServer server, ImportServer empty) : OnServer(server)
{
    private const string Owner = "the test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_exported_is_the_same_after_it_was_imported_into_an_empty_store()
    {
        var large = Convert.ToBase64String(Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7)).ToArray());
        foreach (var i in Enumerable.Range(0, 12))
        {
            await PutAsync($"Patient/r-{i}", ImportTests.Patient($"r-{i}"));
            await PutAsync($"Observation/r-{i}", ImportTests.Observation($"r-{i}", $"r-{i}"));
        }

        foreach (var version in (string[])["second", "third"])
            await PutAsync("Patient/r-3", ImportTests.Patient("r-3", version));
        await PutAsync("Encounter/r-e", """{"resourceType":"Encounter","id":"r-e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/r-1"}}""");
        await PutAsync("Condition/r-c", """{"resourceType":"Condition","id":"r-c","subject":{"reference":"Patient/r-1"},"encounter":{"reference":"Encounter/r-e"}}""");
        await PutAsync("Encounter/r-e", """{"resourceType":"Encounter","id":"r-e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/r-1"},"diagnosis":[{"condition":{"reference":"Condition/r-c"}}]}"""); // a circle
        await PutAsync("Binary/r-b", $$"""{"resourceType":"Binary","id":"r-b","contentType":"application/pdf","data":"{{large}}"}""");
        await PutAsync("Patient/r-gone", ImportTests.Patient("r-gone"));
        await Server.DeleteAsync("Patient/r-gone");
        var before = await ExportAsync(Server);
        Assert.Equal("Patient", before.Files[^1].Type); // what refers to r-3 comes first: its third version is put onto a key that was reserved for it
        var store = empty.Services.GetRequiredService<IResourceStore>();

        var (progress, kills) = await RestoreAsync(before.Files);

        Assert.True(kills > 10, $"It was killed {kills} times only.");
        Assert.Equal((before.Lines.Count, 0, 0), (progress.Inputs.Sum(i => i.Created), progress.Refused, progress.Missing));
        var after = await ExportAsync(empty);
        Assert.Equal(before.Lines.Order(StringComparer.Ordinal), after.Lines.Order(StringComparer.Ordinal)); // ids, versions, times, contents and totals
        Assert.Equal(["r-1"], (await empty.GetAsync("Observation?subject=Patient/r-1")).Ids);
        Assert.Equal(["r-e"], (await empty.GetAsync("Encounter?diagnosis=Condition/r-c")).Ids);

        // The chain begins with the version that was put back: reads and writes go on from there, and nothing is missing.
        var patient = await empty.GetAsync("Patient/r-3");
        Assert.Equal(("W/\"3\"", 404, 200), (patient.ETag, (await empty.GetAsync("Patient/r-3/_history/2")).Status, (await empty.GetAsync("Patient/r-3/_history/3")).Status));
        Assert.Equal("PUT", Assert.Single((await empty.GetAsync("Patient/r-3/_history")).Entries)["request"]!["method"]!.GetValue<string>());
        Assert.Equal("W/\"4\"", (await empty.PutAsync("Patient/r-3", ImportTests.Patient("r-3", "fourth"), ("If-Match", "W/\"3\""))).ETag);
        Assert.Equal("W/\"5\"", (await empty.PutAsync("Patient/r-3", ImportTests.Patient("r-3", "fifth"))).ETag);
        var verified = await empty.GetAsync("Patient/$verify");
        Assert.True(verified.Json["parameter"]![1]!["valueInteger"]!.GetValue<int>() == 0, verified.Body);

        // A lost version behind the one that was put back is found all the same.
        var key = (await store.ReadAsync(new("Patient", "r-3"), SystemPlans.Work, Ct))!.Sid;
        var damage = new CommitPlan();
        damage.Statements.Add(PlanStatement.Of(new($"DELETE FROM ResourceHistory WHERE Sid = {key} AND Version = 4", [])));
        await store.CommitAsync(damage, Ct);
        Assert.Contains("put back as version 3", (await empty.GetAsync("Patient/$verify")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient","id":"v-1","meta":{"versionId":"abc"}}""", "no number")]
    [InlineData("""{"resourceType":"Patient","id":"v-2","meta":{"versionId":"2","lastUpdated":"2199-01-01T00:00:00Z"}}""", "future")]
    [InlineData("""{"resourceType":"Patient","id":"v-3","meta":{"versionId":"0"}}""", "no number")]
    [InlineData("""{"resourceType":"Patient","id":"v-4","meta":{"versionId":"99999999999"}}""", "no number")]
    public async Task A_version_that_cannot_be_kept_is_refused(string line, string text)
    {
        var server = (ImportServer)Server;
        var (output, errors) = await server.DoneAsync(line + "\n", "application/fhir+ndjson", "?versions=keep");

        Assert.Equal(1, output["refused"]!.GetValue<int>());
        Assert.Contains(text, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_already_gets_its_next_version_whatever_the_line_says()
    {
        await PutAsync("Patient/stands", ImportTests.Patient("stands"));
        var (output, _) = await ((ImportServer)Server).DoneAsync("""{"resourceType":"Patient","id":"stands","meta":{"versionId":"9","lastUpdated":"2020-01-01T00:00:00Z"},"active":true}""" + "\n", "application/fhir+ndjson", "?versions=keep");

        Assert.Equal(1, output["updated"]!.GetValue<int>());
        Assert.Equal("W/\"2\"", (await Server.GetAsync("Patient/stands")).ETag);
    }

    private async Task PutAsync(string address, string body)
    {
        var reply = await Server.PutAsync(address, body);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private static async Task<(List<string> Lines, List<(string Type, byte[] Bytes)> Files)> ExportAsync(ServerFixture from)
    {
        var accepted = await from.GetAsync("$export?_type=Observation,Encounter,Condition,Binary,Patient", ImportServer.Async);
        Reply done;
        while ((done = await from.GetAsync(accepted.Location!)).Status == 202)
            await Task.Delay(20, Ct);
        var (lines, files) = (new List<string>(), new List<(string, byte[])>());
        foreach (var file in done.Json["output"]!.AsArray())
        {
            var text = (await from.GetAsync(file!["url"]!.GetValue<string>(), ("Accept", "application/fhir+ndjson"))).Body;
            lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            files.Add((file["type"]!.GetValue<string>(), Encoding.UTF8.GetBytes(text)));
        }

        return (lines, files);
    }

    /// <summary>Runs it as a worker does that is killed after each commit, and, every other time, right before one.</summary>
    private async Task<(ImportProgress Progress, int Kills)> RestoreAsync(List<(string Type, byte[] Bytes)> files)
    {
        var services = empty.Services;
        var (store, staging) = (services.GetRequiredService<IResourceStore>(), services.GetRequiredService<ImportStaging>());
        var inputs = new List<ImportInput>();
        foreach (var (type, bytes) in files)
        {
            var (input, plan) = await staging.TakeAsync(new(type, "urn:test"), new MemoryStream(bytes), Ct);
            await store.CommitAsync(plan, Ct);
            inputs.Add(input);
        }

        var terms = new ImportTerms(null, KeepsIds: true, KeepsVersions: true, OnDuplicate.Fail, IsRehearsal: false); // what were applied twice would be refused
        var begun = new ImportProgress("", SystemPlans.Work.Key, 0, terms, inputs) { FirstSid = store.ReserveSids(1) };
        var job = new CommitPlan();
        job.Statements.Add(JobSql.Add(new("restore", "by hand", JobState.Queued, Owner, 0, 0, begun.Write(), []), []));
        job.Statements.Add(JobSql.Claim("restore", Owner, 0, long.MaxValue));
        await store.CommitAsync(job, Ct);

        var (kills, before) = (0, false);
        var step = new ImportStep("restore", _ => ValueTask.FromResult(Caller.System),
            p => before ? throw new KilledException() : JobSql.Checkpoint("restore", Owner, 0, long.MaxValue, p.Write()), _ => throw new KilledException());
        var run = new ImportRun(store, services.GetRequiredService<ResourceWriter>(), services.GetRequiredService<BinaryIntake>(), services.GetRequiredService<ExportFileReader>(),
            services.GetRequiredService<ImportErrors>(), services.GetRequiredService<AuditLog>(), TimeProvider.System)
        { ChunkResources = 4 };
        while (true)
        {
            var known = ImportProgress.Read((await store.JobAsync("restore", Owner, Ct))!.Progress);
            try
            {
                while (known.At < known.Inputs.Count)
                    known = await run.FileAsync(known, null, step, Ct);
                return (await services.GetRequiredService<ImportEnd>().CheckAsync(known, step, Ct), kills);
            }
            catch (KilledException)
            {
                before = kills++ % 2 == 0;
            }
        }
    }

    private sealed class KilledException() : Exception("killed");
}

public sealed class SqliteRestoreTests(ImportSqlite server, EmptySqlite empty) : RestoreTests(server, empty), IClassFixture<ImportSqlite>, IClassFixture<EmptySqlite>;

public sealed class PostgresRestoreTests(ImportPostgres server, EmptyPostgres empty) : RestoreTests(server, empty), IClassFixture<ImportPostgres>, IClassFixture<EmptyPostgres>;
