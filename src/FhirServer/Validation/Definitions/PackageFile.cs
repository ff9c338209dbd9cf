using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>A FHIR NPM package: a gzipped tar with <c>package/package.json</c> and a file per resource.</summary>
/// <remarks>https://confluence.hl7.org/display/FHIR/NPM+Package+Specification. What lies in sub-folders (examples, tests) defines nothing.</remarks>
internal static class PackageFile
{
    private const long MaxEntryBytes = 256 * 1024 * 1024;
    private const int MostProblems = 20;

    /// <summary>Reads a package and hands on each reduced definition; never throws for what is in the file.</summary>
    /// <returns>The report; <see cref="PackageReport.Definitions"/> counts what was handed on.</returns>
    public static PackageReport Read(string path, Action<DefinitionEntry, byte[]> take, CancellationToken ct)
    {
        var (id, version, count) = ("", "", 0);
        string[] dependencies = [];
        var problems = new List<string>();
        try
        {
            using var tar = new TarReader(new GZipStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16), CompressionMode.Decompress));
            while (tar.GetNextEntry() is { } entry)
            {
                ct.ThrowIfCancellationRequested();
                var name = entry.Name.TrimStart('.', '/');
                if (entry.DataStream is null || !name.EndsWith(".json", StringComparison.Ordinal) || name.Count(c => c == '/') != 1 || name.EndsWith("/.index.json", StringComparison.Ordinal))
                    continue;
                if (entry.Length > MaxEntryBytes)
                {
                    Problem($"{name} is larger than {MaxEntryBytes / (1024 * 1024)} MB.");
                    continue;
                }

                var json = new byte[entry.Length];
                entry.DataStream.ReadExactly(json);
                try
                {
                    if (name == "package/package.json")
                    {
                        (id, version, dependencies) = Manifest(json, problems);
                        if (problems.Count > 0)
                            break;
                    }
                    else if (MayDefine(json) && DefinitionReduction.Reduce(json, out var definition) is { } reduced)
                    {
                        take(definition, reduced);
                        count++;
                    }
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    Problem($"{name} is not JSON: {e.Message}");
                }
            }

            if (id.Length == 0 && problems.Count == 0)
                Problem("It has no package/package.json, so it is no FHIR package.");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Problem($"It cannot be read to its end: {e.Message}");
            return new(Path.GetFileName(path), id, version, 0, dependencies, problems);
        }

        return new(Path.GetFileName(path), id, version, count, dependencies, problems);

        void Problem(string text)
        {
            if (problems.Count < MostProblems)
                problems.Add(text);
        }
    }

    /// <summary>Most files of the R4 package are examples: those that name none of our types near their beginning are not parsed.</summary>
    private static bool MayDefine(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json.StartsWith("\uFEFF"u8) ? json[3..] : json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var isType = reader.ValueTextEquals("resourceType"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String && DefinitionReduction.Types.Contains(reader.GetString());
            reader.Skip();
        }

        return false;
    }

    private static (string Id, string Version, string[] Dependencies) Manifest(byte[] json, List<string> problems)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var id = root.TryGetProperty("name", out var name) ? name.GetString() ?? "" : "";
        var version = root.TryGetProperty("version", out var v) ? v.GetString() ?? "" : "";
        string[] dependencies = [];
        if (root.TryGetProperty("dependencies", out var depends) && depends.ValueKind == JsonValueKind.Object)
            dependencies = [.. depends.EnumerateObject().Select(d => $"{d.Name}#{d.Value.GetString()}")];
        foreach (var property in (string[])["fhirVersions", "fhir-version-list"])
            if (root.TryGetProperty(property, out var versions) && versions.ValueKind == JsonValueKind.Array
                && !versions.EnumerateArray().Any(f => f.GetString()?.StartsWith("4.0", StringComparison.Ordinal) == true))
                problems.Add($"It is for FHIR {string.Join(", ", versions.EnumerateArray().Select(f => f.GetString()))}; this server speaks R4 (4.0.1).");
        return (id, version, dependencies);
    }
}
