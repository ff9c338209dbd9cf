using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Validation;
using FhirEmr.FhirServer.Validation.Definitions;
using FhirEmr.Terminology;

namespace FhirEmr.Bench.Validation;

/// <summary><c>bench validate</c>: how fast the validator is, on one thread and warm, over the examples of the packages in a folder; with a server also what it adds to a write.</summary>
internal static class ValidateCommand
{
    private const int MaxBytes = 300_000;
    private const string Core = "hl7.fhir.r4.examples";
    private static readonly string[] Definitions = ["SearchParameter", "ValueSet", "CodeSystem", "StructureDefinition", "OperationDefinition", "ConceptMap"];

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var folder = options.Text("packages", "fhir-packages");
        var rounds = options.Number("rounds", 3);
        var program = options.Find("server");
        if (DefinitionBuild.Packages(folder).Count == 0)
            throw new BenchException($"There are no packages in {folder}.");
        if (DefinitionFile.Open(Path.Combine(folder, DefinitionBuild.FileName)) is not { } built || built.Fingerprint != DefinitionBuild.Fingerprint(folder))
            DefinitionBuild.Run(folder, ct);

        var start = Stopwatch.StartNew();
        FhirSchema.WarmUp();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"schema of the reader   {start.Elapsed.TotalMilliseconds:F0} ms"));
        start.Restart();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var store = new DefinitionStore(folder, new StoredConformance());
        _ = store.HasBase;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"opening the index      {start.Elapsed.TotalMilliseconds:F0} ms"));
        var terminology = new TerminologyService(null, TimeProvider.System, store);
        var validator = new ProfileValidator(store, terminology.ValueSets, TimeProvider.System);
        Console.WriteLine("examples                     count  mean kB   cold ms/res   warm res/s  p95 ms   errors");
        var all = new List<byte[]>();
        foreach (var package in DefinitionBuild.Packages(folder))
        {
            var isCore = package.Name.StartsWith(Core, StringComparison.Ordinal);
            var examples = Read(package.FullName, isCore);
            all.AddRange(examples.Select(e => e.Json));
            if (examples.Count > 0)
                Measure(Path.GetFileNameWithoutExtension(package.Name), validator, examples, rounds, options.Find("errors"), ct);
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory held by definitions, schemas and value sets  {(after - before) / 1048576.0:F1} MB"));
        GC.KeepAlive(validator);
        if (program is not null)
            await new WriteCost(program, folder, rounds * 5).RunAsync(all, ct);
        return 0;
    }

    private static void Measure(string name, ProfileValidator validator, List<(string Name, byte[] Json)> examples, int rounds, string? show, CancellationToken ct)
    {
        var options = new ValidationOptions();
        var watch = Stopwatch.StartNew();
        var errors = 0;
        foreach (var (file, json) in examples)
        {
            var report = validator.Validate(new(json, []), options, ct);
            errors += report.HasErrors ? 1 : 0;
            foreach (var issue in report.Issues)
                if (show is not null && (issue.Severity == Severity.Error || show == "all"))
                    Console.WriteLine($"  {file}  {issue.Severity} {issue.Id} {issue.Path}: {issue.Text} [{issue.Profile}]");
        }

        var cold = watch.Elapsed.TotalMilliseconds / examples.Count;
        var times = new List<double>();
        var total = 0.0;
        for (var round = 0; round < rounds; round++)
            foreach (var (_, json) in examples)
            {
                var at = Stopwatch.GetTimestamp();
                validator.Validate(new(json, []), options, ct);
                var taken = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
                total += taken;
                times.Add(taken);
            }

        times.Sort();
        var perSecond = total == 0 ? 0 : times.Count / total * 1000;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-28} {examples.Count,5}  {examples.Average(e => e.Json.Length) / 1024,7:F1}   {cold,11:F2}   {perSecond,10:F0}  {(times.Count == 0 ? 0 : times[(int)(times.Count * 0.95)]),6:F2}   {errors,6}"));
    }

    private static List<(string Name, byte[] Json)> Read(string path, bool isCore)
    {
        var examples = new List<(string, byte[])>();
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null || !entry.Name.EndsWith(".json", StringComparison.Ordinal) || entry.Length > MaxBytes || isCore == entry.Name.Contains("/example/", StringComparison.Ordinal))
                continue;
            var json = new byte[entry.Length];
            entry.DataStream.ReadExactly(json);
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.TryGetProperty("resourceType", out var type) && !(isCore && Definitions.Contains(type.GetString())))
                examples.Add((entry.Name[(entry.Name.LastIndexOf('/') + 1)..], json));
        }

        return examples;
    }
}
