using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Tests.Search;

/// <summary>Resources to test with: our own fixtures always, HL7's examples and the Synthea records where a copy is at hand.</summary>
internal static class SearchSamples
{
    // As the server does at start: the schema is not meant to be built by many first readers at once.
    static SearchSamples() => FhirSchema.WarmUp();

    private const string ExamplesFile = "hl7.fhir.r4.examples-4.0.1.tgz";

    /// <summary>Parameters numbered in order of asking, as a new store would.</summary>
    public static SearchParameters Parameters()
    {
        var numbers = new Dictionary<(string, string), int>();
        return new((type, code) =>
        {
            lock (numbers)
                return numbers.TryGetValue((type, code), out var number) ? number : numbers[(type, code)] = numbers.Count + 1;
        });
    }

    /// <summary>Reads a resource that must be clean.</summary>
    public static FhirNode Read(string json)
    {
        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes(json), out var issues);
        Assert.True(tree is not null && issues.Count == 0, string.Join("; ", issues.Select(i => $"{i.Expression}: {i.Text}")));
        return tree.Root;
    }

    /// <summary>Each of HL7's R4 examples and definitions as (name, JSON); null when there is no copy here.</summary>
    public static IEnumerable<(string Name, byte[] Json)>? Examples()
    {
        var fromEnvironment = Environment.GetEnvironmentVariable("FHIREMR_R4_EXAMPLES");
        var candidates = new[] { fromEnvironment, Path.Combine(RepositoryRoot, "fhir-packages", ExamplesFile) };
        return candidates.FirstOrDefault(File.Exists) is { } file ? Package(file) : null;
    }

    /// <summary>The Synthea bundles; null when the data folder is not beside the repository.</summary>
    public static string[]? Synthea()
    {
        var folder = Path.Combine(RepositoryRoot, "..", "shared", "data", "synthea");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)] : null;
    }

    /// <summary>The resources of a Bundle, each as JSON of its own.</summary>
    public static IEnumerable<byte[]> Entries(byte[] bundle)
    {
        using var document = JsonDocument.Parse(bundle);
        foreach (var entry in document.RootElement.GetProperty("entry").EnumerateArray())
            yield return Encoding.UTF8.GetBytes(entry.GetProperty("resource").GetRawText());
    }

    private static string RepositoryRoot
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new DirectoryNotFoundException("FhirEmr.sln is in no folder above the tests.");
        }
    }

    private static IEnumerable<(string Name, byte[] Json)> Package(string file)
    {
        using var tar = new TarReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is not { } stream || !entry.Name.EndsWith(".json", StringComparison.Ordinal)
                || !entry.Name.StartsWith("package/", StringComparison.Ordinal) || entry.Name[8..].Contains('/', StringComparison.Ordinal))
                continue;
            var bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            yield return (entry.Name[8..], bytes);
        }
    }
}
