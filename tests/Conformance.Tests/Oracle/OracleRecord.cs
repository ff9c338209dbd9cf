using System.Text.Json.Nodes;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>One resource as the oracle sees it: the SDK's model of the very text that was sent, and what FHIRPath finds in it.</summary>
internal sealed class OracleRecord
{
    private static readonly FhirJsonDeserializer Deserializer = new(new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));
    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());
    private static readonly Dictionary<string, CompiledExpression> Expressions = [];

    private readonly Dictionary<string, IReadOnlyList<PocoNode>> values = [];
    private readonly PocoNode root;

    public OracleRecord(string json)
    {
        Resource = Deserializer.DeserializeResource(json);
        (Type, Id, Json) = (Resource.TypeName, Resource.Id!, json);
        root = Resource.ToPocoNode(ModelInfo.ModelInspector, null);
        Body = JsonNode.Parse(json)!.AsObject();
        Contained = [.. (Body["contained"]?.AsArray() ?? []).Select(c => new OracleRecord(c!.ToJsonString()))];
    }

    public string Type { get; }

    public string Id { get; }

    public string Json { get; }

    public Resource Resource { get; }

    public JsonObject Body { get; }

    /// <summary>Contained resources, each as a record by itself.</summary>
    public IReadOnlyList<OracleRecord> Contained { get; }

    /// <summary>Milliseconds since 1970, as the server said when it stored it.</summary>
    public long LastUpdated { get; set; }

    public string Key => $"{Type}/{Id}";

    /// <summary>Values of an expression; primitives that have only extensions have none.</summary>
    public IReadOnlyList<PocoNode> Values(string expression)
    {
        lock (values)
        {
            if (!values.TryGetValue(expression, out var found))
                values[expression] = found = [.. Evaluate(root, expression).Where(HasValue)];
            return found;
        }
    }

    public IEnumerable<PocoNode> Evaluate(PocoNode from, string expression)
    {
        CompiledExpression compiled;
        lock (Expressions)
        {
            if (!Expressions.TryGetValue(expression, out compiled!))
                Expressions[expression] = compiled = Compiler.Compile(expression);
        }

        return compiled([from], new FhirEvaluationContext { ElementResolver = Resolve, Resource = root, RootResource = root }).ToArray();
    }

    private static bool HasValue(PocoNode node) => node.Poco is not PrimitiveType primitive || primitive.JsonValue is not null;

    /// <summary>An empty resource of the type a reference names: all that <c>resolve() is T</c> asks.</summary>
    private PocoNode? Resolve(string url)
    {
        if (url.StartsWith('#'))
            return (Resource as DomainResource)?.Contained.Find(c => c.Id == url[1..])?.ToPocoNode(ModelInfo.ModelInspector, null);
        var segments = url.Split("/_history/")[0].Split('/');
        return segments.Length >= 2 && ModelInfo.ModelInspector.FindClassMapping(segments[^2]) is { IsResource: true } mapping
            ? ((Resource)Activator.CreateInstance(mapping.NativeType)!).ToPocoNode(ModelInfo.ModelInspector, null)
            : null;
    }
}
