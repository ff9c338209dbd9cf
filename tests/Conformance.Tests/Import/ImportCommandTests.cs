using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Tests.Storage;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Import;

/// <summary><c>fhir-emr import fhir</c> as a program: what it prints, how it ends, and what is there afterwards.</summary>
public sealed class ImportCommandTests(PostgresCluster cluster) : IDisposable
{
    private const int Observations = 9000;

    private readonly string input = Directory.CreateTempSubdirectory("fhir-emr-import-").FullName;
    private readonly string store = Directory.CreateTempSubdirectory("fhir-emr-import-store-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_ends_with_5_and_the_places_when_something_was_refused_and_with_0_when_nothing_was()
    {
        var lines = Path.Combine(input, "patient.ndjson");
        await File.WriteAllTextAsync(lines, """
            {"resourceType":"Patient","id":"one"}
            {"resourceType":"Patient","id":"two","nmae":[]}
            {"resourceType":"Patient","id":"three"}
            """, Ct);

        await DemoAsync();
        var (code, output) = await ImportAsync();
        Assert.Equal(5, code);
        Assert.Contains($"refused  {lines}:2: ", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'name'?", output, StringComparison.Ordinal);
        Assert.Contains("2 resources from 1 files", output, StringComparison.Ordinal);
        Assert.Contains("1 refused", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(lines, (await File.ReadAllTextAsync(lines, Ct)).Replace("nmae", "name", StringComparison.Ordinal)
            .Replace("[]", "[{\"family\":\"Two\"}]", StringComparison.Ordinal), Ct);
        Assert.Equal(0, (await ImportAsync()).ExitCode);
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", store);
        Assert.Equal(3, await server.CountAsync("Patient"));

        // The same into the running server; and not beside it.
        Assert.Equal(0, (await ServerProcess.RunAsync("import", "fhir", input, "--to", server.BaseUrl, "--token-file", server.TokenFile)).ExitCode);
        Assert.Equal(3, await server.CountAsync("Patient"));
        var (beside, why) = await ImportAsync();
        Assert.Equal(1, beside);
        Assert.Contains("in use by another FhirEmr process", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_so_when_there_is_nothing_to_import()
    {
        var (emptyCode, empty) = await ImportAsync();
        var (missingCode, missing) = await ServerProcess.RunAsync("import", "fhir", Path.Combine(input, "nowhere"), "--Storage:DataFolder", store);
        var (awayCode, away) = await ImportToAsync("http://127.0.0.1:1/fhir");
        var (wrongCode, wrong) = await ImportToAsync("my-server");

        Assert.Equal((1, 1, 1, 1), (emptyCode, missingCode, awayCode, wrongCode));
        Assert.Contains("has no *.json, *.ndjson or *.ndjson.gz file", empty, StringComparison.Ordinal);
        Assert.Contains("There is no file or folder", missing, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", away, StringComparison.Ordinal);
        Assert.Contains("'my-server' is no address of a FHIR server", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", empty + missing + away + wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_amid_its_work_it_can_be_repeated_and_leaves_what_one_run_leaves()
    {
        var generator = new PracticeGenerator(79, new DateOnly(2026, 1, 1));
        var ids = new HashSet<string>();
        foreach (var i in Enumerable.Range(0, 60))
        {
            var bundle = generator.Patient(i);
            ids.UnionWith(bundle.Entry.Select(e => $"{e.Resource!.TypeName}/{e.Resource.Id}"));
            await File.WriteAllBytesAsync(Path.Combine(input, $"{i:D2}.json"), FhirFormats.ToJson(bundle), Ct);
        }

        await DemoAsync();
        Assert.True(await ServerProcess.RunAndKillAsync("import", "fhir", input, "--Storage:DataFolder", store), "It was not killed on the way.");
        var (code, output) = await ImportAsync();

        Assert.True(code == 0, output);
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", store);
        foreach (var type in ids.GroupBy(id => id.Split('/')[0]))
            Assert.Equal(type.Count(), await server.CountAsync(type.Key));
    }

    [Fact]
    public async Task What_one_installation_exports_another_of_each_engine_restores_although_it_is_killed_on_the_way()
    {
        var (lines, files) = (Path.Combine(input, "lines"), Path.Combine(input, "export"));
        Directory.CreateDirectory(lines);
        await File.WriteAllLinesAsync(Path.Combine(lines, "Observation.ndjson"), Enumerable.Range(0, Observations).Select(i => $$"""{"resourceType":"Observation","id":"o-{{i}}","status":"final","code":{"text":"{{i}}"},"subject":{"reference":"Patient/p-{{i % 50}}"} }"""), Ct);
        await File.WriteAllLinesAsync(Path.Combine(lines, "Patient.ndjson"), Enumerable.Range(0, 50).Select(i => $$"""{"resourceType":"Patient","id":"p-{{i}}","active":true}"""), Ct);
        await SucceedsAsync($"{Observations + 50} created", "import", "fhir", lines, "--Storage:DataFolder", store);
        await SucceedsAsync($"{Observations + 50:N0} resources as of", "export", "--to", files, "--type", "Patient", "--type", "Observation", "--Storage:DataFolder", store);
        Assert.All(Directory.GetFiles(files), AssertOwnersAlone);

        await RestoresAsync(files, Path.Combine(input, "sqlite"), ["--Storage:DataFolder", Path.Combine(input, "sqlite-store")], null);
        if ((await cluster.StartAsync()).ConnectionString is not { } server)
            Assert.Skip("SQLite's half was shown; there is no PostgreSQL here."); // not silently
        else if (await ServerFixture.NewDatabaseAsync(server) is var database)
            await RestoresAsync(files, Path.Combine(input, "postgres"), ["--Storage:DataFolder", Path.Combine(input, "postgres-store"), "--Storage:Provider", "postgres", "--Storage:ConnectionString", database], database);
    }

    /// <param name="database">Where a lease of who was killed holds until it is over; null where the next command knows that it is alone.</param>
    private static async Task RestoresAsync(string files, string again, string[] settings, string? database)
    {
        string[] import = ["import", "fhir", files, "--keep-versions", "--on-duplicate", "fail", .. settings]; // what were applied twice would be refused
        Assert.True(await ServerProcess.RunAndKillAsync(import), "It was not killed on the way.");
        if (database is not null)
        {
            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync(Ct);
            await using var time = new NpgsqlCommand("UPDATE Job SET LeaseUntil = 0", connection);
            Assert.Equal(1, await time.ExecuteNonQueryAsync(Ct));
        }

        var (code, output) = await ServerProcess.RunAsync(import);
        Assert.True(code == 0, output);
        Assert.Contains("Going on with the import of these files that was begun before.", output, StringComparison.Ordinal);
        Assert.Contains($"{Observations + 50} created, 0 updated, 0 unchanged, 0 skipped, 0 refused", output, StringComparison.Ordinal);
        await SucceedsAsync($"{Observations + 50:N0} resources as of", ["export", "--to", again, "--type", "Patient", "--type", "Observation", .. settings]);
        foreach (var name in (string[])["Patient.ndjson", "Observation.ndjson"])
            Assert.Equal((await File.ReadAllLinesAsync(Path.Combine(files, name), Ct)).Order(StringComparer.Ordinal), (await File.ReadAllLinesAsync(Path.Combine(again, name), Ct)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Compressed_lines_beside_bundles_come_too_and_what_was_refused_is_in_the_report()
    {
        var report = Path.Combine(store, "refused.ndjson");
        await File.WriteAllTextAsync(report, "of an earlier run", Ct);
        await File.WriteAllTextAsync(Path.Combine(input, "bundle.json"), """{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{"resourceType":"Patient","active":true}}]}""", Ct);
        await File.WriteAllBytesAsync(Path.Combine(input, "lines.ndjson.gz"), Imports.ImportTests.GZip(Encoding.UTF8.GetBytes("""
            {"resourceType":"Patient","id":"zipped"}
            {"resourceType":"Patient","id":"wrong","nmae":[]}
            """)), Ct);
        await File.WriteAllBytesAsync(Path.Combine(input, "more.ndjson.gz"), [0x1F, 0x8B, 1, 2, 3], Ct);
        var cut = Imports.ImportTests.GZip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(i => $$"""{"resourceType":"Patient","id":"cut-{{i}}-{{Guid.NewGuid()}}"}""" + "\n"))));
        await File.WriteAllBytesAsync(Path.Combine(input, "cut.ndjson.gz"), cut[..^40], Ct);

        var (code, output) = await ServerProcess.RunAsync("import", "fhir", input, "--report", report, "--json", "--Storage:DataFolder", store);

        Assert.Equal(5, code);
        Assert.Contains(" from 4 files", output, StringComparison.Ordinal);
        var refused = (await File.ReadAllLinesAsync(report, Ct)).Select(l => JsonNode.Parse(l)!["issue"]![0]!["diagnostics"]!.GetValue<string>()).ToList();
        Assert.Contains(refused, r => r.Contains("cut.ndjson.gz: ", StringComparison.Ordinal) && r.Contains("cut off", StringComparison.Ordinal));
        Assert.Contains(refused, r => r.Contains("lines.ndjson.gz:2: ", StringComparison.Ordinal) && r.Contains("Did you mean 'name'?", StringComparison.Ordinal));
        Assert.Contains(refused, r => r.Contains("more.ndjson.gz", StringComparison.Ordinal));
        AssertOwnersAlone(report);
    }

    private static void AssertOwnersAlone(string file)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private static async Task SucceedsAsync(string said, params string[] arguments)
    {
        var (code, output) = await ServerProcess.RunAsync(arguments);
        Assert.True(code == 0 && output.Contains(said, StringComparison.Ordinal), $"{code}: {output}");
    }

    public void Dispose()
    {
        Directory.Delete(input, recursive: true);
        Directory.Delete(store, recursive: true);
    }

    /// <summary>Makes the store a demo's, which a demo may then open.</summary>
    private async Task DemoAsync()
    {
        await using var first = await ServerProcess.ServeAsync("--Storage:DataFolder", store);
    }

    private Task<(int ExitCode, string Output)> ImportAsync() => ServerProcess.RunAsync("import", "fhir", input, "--Storage:DataFolder", store);

    private async Task<(int ExitCode, string Output)> ImportToAsync(string url)
    {
        var file = Path.Combine(input, "one.json");
        await File.WriteAllTextAsync(file, """{"resourceType":"Patient","id":"one"}""", Ct);
        return await ServerProcess.RunAsync("import", "fhir", file, "--to", url);
    }
}
