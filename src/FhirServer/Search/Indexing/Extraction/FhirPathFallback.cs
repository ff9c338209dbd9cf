using System.Text;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;
using FhirParameters = Hl7.Fhir.Model.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>Runs an expression outside the compiled subset through the SDK's FHIRPath; slow (a POCO per resource), for custom parameters only.</summary>
/// <remarks>
/// Each result is read back as a value of a Parameters resource, so that indexing sees the same kind of node either way. An evaluation ends
/// after <see cref="MaxSteps"/> steps with <see cref="FhirPathTooLongException"/>.
/// </remarks>
internal sealed class FhirPathFallback(string expression)
{
    /// <summary>Enough to look at every element of a large resource a few times; some tens of milliseconds.</summary>
    public const int MaxSteps = 20_000;

    private static readonly FhirJsonDeserializer Deserializer = new(new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));
    private static readonly FhirJsonSerializer Serializer = new();
    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private readonly Lazy<CompiledExpression> compiled = new(() => Compile(expression));

    /// <summary>Throws <see cref="FormatException"/> when the text is no FHIRPath.</summary>
    public static CompiledExpression Compile(string expression) => Compiler.Compile(expression, true);

    public List<FhirNode> Values(FhirNode root)
    {
        var resource = Deserializer.DeserializeResource(Encoding.UTF8.GetString(root.Raw));
        var results = new FhirParameters();
        var context = new FhirEvaluationContext { DebugTracer = new FhirPathBudget(MaxSteps) };
        foreach (var result in compiled.Value(resource.ToPocoNode(), context))
            if (AsDataType(result.Poco) is { } value)
                results.Parameter.Add(new() { Name = "value", Value = value });
        if (results.Parameter.Count == 0)
            return [];

        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes(Serializer.SerializeToString(results)), out _);
        var (parameter, name) = (FhirNames.Id("parameter"), FhirNames.Id("value"));
        var values = new List<FhirNode>();
        foreach (var child in tree!.Root.Children)
            if (child.NameId == parameter && child.Child(name) is { Exists: true } node)
                values.Add(node);
        return values;
    }

    // Computed results come in FHIRPath's own types, which are not public: their namespace and text tell.
    private static DataType? AsDataType(Base? result) => result switch
    {
        { } computed when computed.GetType().Namespace == typeof(FhirPathCompiler).Namespace => computed.ToString() switch
        {
            "true" => new FhirBoolean(true),
            "false" => new FhirBoolean(false),
            { Length: > 0 } text => new FhirString(text),
            _ => null,
        },
        DataType value => value,
        _ => null,
    };
}
