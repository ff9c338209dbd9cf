using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.Conformance.Tests.Import;

/// <summary><c>fhir-emr import fhir</c> as a program: what it prints, how it ends, and what is there afterwards.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly string input = Directory.CreateTempSubdirectory("fhir-emr-import-").FullName;
    private readonly string store = Directory.CreateTempSubdirectory("fhir-emr-import-store-").FullName;

    [Fact]
    public async Task It_ends_with_5_and_the_places_when_something_was_refused_and_with_0_when_nothing_was()
    {
        var lines = Path.Combine(input, "patient.ndjson");
        await File.WriteAllTextAsync(lines, """
            {"resourceType":"Patient","id":"one"}
            {"resourceType":"Patient","id":"two","nmae":[]}
            {"resourceType":"Patient","id":"three"}
            """, TestContext.Current.CancellationToken);

        await DemoAsync();
        var (code, output) = await ImportAsync();
        Assert.Equal(5, code);
        Assert.Contains($"refused  {lines}:2: ", output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'name'?", output, StringComparison.Ordinal);
        Assert.Contains("2 resources from 1 files", output, StringComparison.Ordinal);
        Assert.Contains("1 refused", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(lines, (await File.ReadAllTextAsync(lines, TestContext.Current.CancellationToken)).Replace("nmae", "name", StringComparison.Ordinal)
            .Replace("[]", "[{\"family\":\"Two\"}]", StringComparison.Ordinal), TestContext.Current.CancellationToken);
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
            await File.WriteAllBytesAsync(Path.Combine(input, $"{i:D2}.json"), FhirFormats.ToJson(bundle), TestContext.Current.CancellationToken);
        }

        await DemoAsync();
        await ServerProcess.RunAndKillAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(1200, 2500)), "import", "fhir", input, "--Storage:DataFolder", store);
        var (code, output) = await ImportAsync();

        Assert.True(code == 0, output);
        await using var server = await ServerProcess.ServeAsync("--Storage:DataFolder", store);
        foreach (var type in ids.GroupBy(id => id.Split('/')[0]))
            Assert.Equal(type.Count(), await server.CountAsync(type.Key));
    }

    [Fact]
    public async Task What_one_installation_exports_another_restores_although_it_is_killed_on_the_way()
    {
        var (lines, files, again) = (Path.Combine(input, "lines"), Path.Combine(input, "export"), Path.Combine(input, "again"));
        var other = Directory.CreateTempSubdirectory("fhir-emr-import-other-").FullName;
        Directory.CreateDirectory(lines);
        await File.WriteAllLinesAsync(Path.Combine(lines, "Observation.ndjson"), Enumerable.Range(0, 6000).Select(i => $$"""{"resourceType":"Observation","id":"o-{{i}}","status":"final","code":{"text":"{{i}}"},"subject":{"reference":"Patient/p-{{i % 50}}"} }"""), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(lines, "Patient.ndjson"), Enumerable.Range(0, 50).Select(i => $$"""{"resourceType":"Patient","id":"p-{{i}}","active":true}"""), TestContext.Current.CancellationToken);
        try
        {
            await SucceedsAsync("6050 created", "import", "fhir", lines, "--Storage:DataFolder", store);
            await SucceedsAsync("6,050 resources as of", "export", "--to", files, "--type", "Patient", "--type", "Observation", "--Storage:DataFolder", store);
            await ServerProcess.RunAndKillAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(700, 1800)), "import", "fhir", files, "--keep-versions", "--on-duplicate", "skip", "--Storage:DataFolder", other);
            await SucceedsAsync(" 0 updated, 0 unchanged, ", "import", "fhir", files, "--keep-versions", "--on-duplicate", "skip", "--Storage:DataFolder", other); // gone on with, or, when the machine was faster, all there already
            await SucceedsAsync("6,050 resources as of", "export", "--to", again, "--type", "Patient", "--type", "Observation", "--Storage:DataFolder", other);
            foreach (var name in (string[])["Patient.ndjson", "Observation.ndjson"])
                Assert.Equal((await File.ReadAllLinesAsync(Path.Combine(files, name), TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal), (await File.ReadAllLinesAsync(Path.Combine(again, name), TestContext.Current.CancellationToken)).Order(StringComparer.Ordinal));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
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
        await File.WriteAllTextAsync(file, """{"resourceType":"Patient","id":"one"}""", TestContext.Current.CancellationToken);
        return await ServerProcess.RunAsync("import", "fhir", file, "--to", url);
    }
}
