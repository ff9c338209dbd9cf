using System.Collections.Concurrent;
using FhirEmr.FhirServer.Resources;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.FhirServer.Validation.Schemas;

/// <summary>Schemas of one state of the definitions, compiled when first asked for. When definitions change, a new set takes its place.</summary>
internal sealed class SchemaSet(ICanonicalSource definitions, long generation)
{
    private const string Core = "http://hl7.org/fhir/StructureDefinition/";

    private readonly ConcurrentDictionary<string, Lazy<Schema?>> byCanonical = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Schema?> byType = new();

    public long Generation => generation;

    /// <summary>Null when there is no such definition.</summary>
    public Schema? Find(string canonical)
    {
        var schema = byCanonical.GetOrAdd(canonical, c => new Lazy<Schema?>(() => Compile(c))).Value;
        if (schema is null)
            byCanonical.TryRemove(canonical, out _); // names come from clients: only what exists is kept
        return schema;
    }

    /// <summary>The definition of a resource or datatype itself; null for backbone elements and where R4's definitions are absent.</summary>
    public Schema? OfType(FhirTypeDef type) => byType.TryGetValue(type.Id, out var schema) ? schema
        : byType.GetOrAdd(type.Id, _ => type.Name.Contains('.', StringComparison.Ordinal) ? null : Find(Core + type.Name));

    /// <summary>The R4 type that a profile is on: without looking it up for R4's own, which are named after it.</summary>
    public string? TypeOf(string canonical)
    {
        var (url, _) = Parts(canonical);
        if (url.StartsWith(Core, StringComparison.Ordinal) && (url.EndsWith("/Resource", StringComparison.Ordinal) || url.EndsWith("/DomainResource", StringComparison.Ordinal) || ResourceTypes.Exists(url[Core.Length..])))
            return url[Core.Length..];
        return Find(canonical)?.Type;
    }

    /// <summary>A Questionnaire by its canonical; null when it is not known.</summary>
    public FhirNode? Questionnaire(string canonical)
    {
        var (url, version) = Parts(canonical);
        return definitions.Find("Questionnaire", url, version) is { } json ? FhirJsonReader.Read(json, out _)?.Root : null;
    }

    internal static (string Url, string? Version) Parts(string canonical) =>
        canonical.IndexOf('|', StringComparison.Ordinal) is >= 0 and var bar ? (canonical[..bar], canonical[(bar + 1)..]) : (canonical, null);

    private Schema? Compile(string canonical)
    {
        var (url, version) = Parts(canonical);
        if (definitions.Find("StructureDefinition", url, version) is not { } json)
            return null;
        try
        {
            return SchemaCompiler.Compile(json, definitions);
        }
        catch (FormatException e)
        {
            return new Schema { Url = url, Version = version ?? "", Type = "", Status = "", IsBase = false, Contexts = [], ContextInvariants = [], Fault = e.Message };
        }
    }
}
