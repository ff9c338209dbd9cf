using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Oracle;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Examples;

/// <summary>HL7's R4 examples, from the package beside the repository.</summary>
internal static class R4Examples
{
    public const string WhyNot = "hl7.fhir.r4.examples-4.0.1.tgz is neither in fhir-packages nor named by FHIREMR_R4_EXAMPLES.";

    private const string Package = "hl7.fhir.r4.examples-4.0.1.tgz";

    /// <summary>Of the types that the specification itself is made of there are thousands, all alike: so many of each are taken.</summary>
    private const int OfDefinitions = 8;
    private const int MostCharacters = 100_000;

    private static readonly string[] Definitions = ["SearchParameter", "ValueSet", "CodeSystem", "StructureDefinition", "OperationDefinition", "ConceptMap"];

    /// <summary>Examples that are themselves not R4: mandatory elements missing, an id of more than 64 characters.</summary>
    private static readonly string[] NotR4 = ["ImplementationGuide-fhir.json", "ig-r4.json", "Questionnaire-qs1.json"];

    /// <summary>Numbers beyond decimal, which the SDK cannot compare; that they are kept is tested where JSON is.</summary>
    private const string BeyondDecimal = "Observation-decimal.json";

    /// <summary>Name and text of each example; null when the package is not here.</summary>
    public static IReadOnlyList<(string Name, JsonObject Resource)>? Read()
    {
        if (Find() is not { } path)
            return null;
        var examples = new List<(string, JsonObject)>();
        var counts = new Dictionary<string, int>();
        using var tar = new TarReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (tar.GetNextEntry() is { } entry)
        {
            var name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
            var type = name.Split('-', '.')[0];
            if (entry.DataStream is null || !name.EndsWith(".json", StringComparison.Ordinal) || entry.Length > MostCharacters || NotR4.Contains(name) || name == BeyondDecimal
                || (Definitions.Contains(type) && counts.GetValueOrDefault(type) == OfDefinitions))
                continue;
            using var reader = new StreamReader(entry.DataStream, Encoding.UTF8);
            if (JsonNode.Parse(reader.ReadToEnd()) is not JsonObject resource || resource["resourceType"] is null || resource["id"]?.GetValue<string>() is not { Length: <= 64 })
                continue;
            if (type == "SearchParameter" && resource["base"] is null)
                continue;
            counts[type] = counts.GetValueOrDefault(type) + 1;
            examples.Add((name, resource));
        }

        return examples;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("FHIREMR_R4_EXAMPLES") is { Length: > 0 } named && File.Exists(named))
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                return Path.Combine(folder.FullName, "fhir-packages", Package) is var path && File.Exists(path) ? path : null;
        return null;
    }
}

/// <summary>A server that holds the examples, and the same as the oracle sees them.</summary>
public abstract class ExampleServer(PostgresCluster? cluster) : OracleServer(cluster)
{
    /// <summary>Their subscribers are not told, or the server would give the examples another status.</summary>
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["Audit:Enabled"] = "false", ["Subscriptions:Deliver"] = "false" };

    protected override IReadOnlyList<JsonObject>? Resources()
    {
        if (R4Examples.Read() is { } examples)
            return [.. examples.Select(e => e.Resource).DistinctBy(r => $"{r["resourceType"]}/{r["id"]}")];
        WhyNot = R4Examples.WhyNot;
        return null;
    }

    protected override IReadOnlyList<JsonObject> Definitions(IReadOnlyList<JsonObject> resources) => [];
}

public sealed class SqliteExamples() : ExampleServer(null);

public sealed class PostgresExamples(PostgresCluster cluster) : ExampleServer(cluster);
