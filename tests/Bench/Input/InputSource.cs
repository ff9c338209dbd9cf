using System.Text.Json;
using FhirEmr.FhirServer.Demo;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.Bench.Input;

/// <summary>Where bundles come from: a folder of Synthea records, or the generator; then copies of them with fresh identities.</summary>
internal sealed class InputSource
{
    private const int Seed = 20_260_101;
    private static readonly DateOnly LastDay = new(2025, 12, 31);

    // Indented as Synthea writes its files, so that both inputs cost the server the same parsing.
    private static readonly JsonSerializerOptions FhirJson = new JsonSerializerOptions { WriteIndented = true }.ForFhir(ModelInfo.ModelInspector);

    private readonly string? _folder;
    private readonly int _generated;

    private InputSource(string? folder, int generated) => (_folder, _generated) = (folder, generated);

    public string Description => _folder is null ? $"{_generated} generated records (seed {Seed})" : "Synthea R4 transaction bundles";

    /// <summary><c>--data folder</c> or <c>--generated N</c>; without either, 100 generated records.</summary>
    public static InputSource From(BenchOptions options)
    {
        var folder = options.Find("data");
        var generated = options.OptionalNumber("generated");
        if (folder is not null && generated is not null)
            throw new BenchException("--data and --generated exclude each other.");
        if (folder is not null && !Directory.Exists(folder))
            throw new BenchException($"--data {folder}: no such folder.");
        return new InputSource(folder, generated ?? 100);
    }

    /// <summary>The originals first, then every copy of them; stops after <paramref name="limit"/> bundles.</summary>
    public IReadOnlyList<InputBundle> Bundles(int copies, int limit)
    {
        var originals = (_folder is null ? Generate(_generated) : Files()).Take(limit).ToList();
        if (originals.Count == 0)
            throw new BenchException("The input holds no transaction Bundle.");
        var all = new List<InputBundle>(originals);
        for (var copy = 1; copy < copies && all.Count < limit; copy++)
            all.AddRange(originals.Take(limit - all.Count).Select(o => new InputBundle($"{o.Name}#{copy}", FreshIdentities.Copy(o.Json, copy))));
        return all;
    }

    private IEnumerable<InputBundle> Files() =>
        from path in Directory.EnumerateFiles(_folder!, "*.json").Order(StringComparer.Ordinal)
        let json = File.ReadAllBytes(path)
        where IsTransaction(json)
        select new InputBundle(Path.GetFileNameWithoutExtension(path), json);

    /// <summary>Generated records <paramref name="first"/> and following, made as they are read.</summary>
    public static IEnumerable<InputBundle> Generate(int count, int first = 0) =>
        new PracticeGenerator(Seed, LastDay).Patients(count, first).Select((bundle, i) =>
            new InputBundle($"generated-{first + i}", JsonSerializer.SerializeToUtf8Bytes(bundle, FhirJson)));

    private static bool IsTransaction(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("type", out var type) && type.GetString() == "transaction";
    }
}
