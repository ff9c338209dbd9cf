using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;

/// <summary>Finds the values of every parameter of a resource twice, by our compiled plan and by the SDK's FHIRPath, and tells where they differ.</summary>
internal sealed class ExtractionOracle(SearchParameters parameters)
{
    private static readonly FhirJsonDeserializer Deserializer = new(new DeserializerSettings().UsingMode(DeserializationMode.Ostrich));
    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());
    private readonly Dictionary<string, ExtractionPlan> plans = [];
    private readonly Dictionary<string, CompiledExpression> expressions = [];

    /// <summary>Values compared so far, so that a test can tell that it compared something.</summary>
    public int Values { get; private set; }

    public IEnumerable<string> Differences(string name, byte[] json)
    {
        var tree = FhirJsonReader.Read(json, out _);
        if (tree is null || HasHugeNumber(tree))
            return []; // a server refuses it, or the SDK cannot even compare its numbers, which are beyond decimal

        var type = tree.Root.Type.Name;
        if (!plans.TryGetValue(type, out var plan))
            plans[type] = plan = new(type, parameters);
        var paths = Paths(tree);
        var ours = new Collector(paths);
        plan.Run(tree.Root, ref ours, ours.Flag);

        var resource = Deserializer.DeserializeResource(Encoding.UTF8.GetString(json));
        var differences = new List<string>();
        foreach (var param in plan.Params)
        {
            var mine = ours.Found.GetValueOrDefault(param, []);
            var theirs = Theirs(param, resource);
            Values += theirs.Count;

            // FHIRPath's union keeps one of several equal values; we may meet each of them, and the index rows are made distinct later.
            var values = theirs.Select(p => ValueAt(p, tree, paths)).ToHashSet();
            if (!theirs.IsSubsetOf(mine) || !mine.All(p => theirs.Contains(p) || values.Contains(ValueAt(p, tree, paths))))
                differences.Add($"{name} {param} '{param.Expression}': ours [{string.Join(", ", mine.Except(theirs))}] SDK [{string.Join(", ", theirs.Except(mine))}]");
            if (param.Kind == SearchParamType.Composite)
                differences.AddRange(PartDifferences(name, param, plan.Composite(param), tree, paths, resource));
        }

        return differences;
    }

    /// <summary>Repetitions of composites whose parts were compared.</summary>
    public int Repetitions { get; private set; }

    /// <summary>The parts of a composite, within each repetition of the element it is about.</summary>
    private IEnumerable<string> PartDifferences(string name, SearchParam param, CompositePlan plan, ResourceTree tree, string[] paths, Resource resource)
    {
        var context = new FhirEvaluationContext { ElementResolver = Resolve };
        foreach (var repetition in Compiled(param.Expression)([resource.ToPocoNode(ModelInfo.ModelInspector, null)], context))
        {
            Repetitions++;
            var node = new FhirNode(tree, Array.IndexOf(paths, PathOf(repetition)));
            foreach (var part in plan.Parts)
            {
                var collector = new Collector(paths);
                part.Step.Walk(node, ref collector);
                var ours = collector.Found.GetValueOrDefault(param, []);
                var theirs = Compiled(part.Expression)([repetition], context).Select(PathOf).ToHashSet();
                if (!ours.SetEquals(theirs))
                    yield return $"{name} {param} '{part.Expression}' at {PathOf(repetition)}: ours [{string.Join(", ", ours)}] SDK [{string.Join(", ", theirs)}]";
            }
        }
    }

    private CompiledExpression Compiled(string expression)
    {
        if (!expressions.TryGetValue(expression, out var compiled))
            expressions[expression] = compiled = Compiler.Compile(expression);
        return compiled;
    }

    private static bool HasHugeNumber(ResourceTree tree) => Enumerable.Range(0, tree.Count).Select(i => new FhirNode(tree, i))
        .Any(n => n.Kind == NodeKind.Number && !decimal.TryParse(n.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));

    private HashSet<string> Theirs(SearchParam param, Resource resource)
    {
        var expression = Compiled(param.Expression);
        var root = resource.ToPocoNode(ModelInfo.ModelInspector, null);
        var context = new FhirEvaluationContext { ElementResolver = Resolve };
        var found = new HashSet<string>();
        foreach (var node in expression([root], context))
        {
            if (node.Parent is null)
                found.Add(node.Poco.ToString()!);
            else if (node.Poco is not PrimitiveType { HasElements: true } primitive || primitive.JsonValue is not null)
                found.Add(PathOf(node));
        }

        return found;
    }

    /// <summary>An empty resource of the type a reference names: all that <c>resolve() is T</c> asks.</summary>
    private static PocoNode? Resolve(string url)
    {
        var segments = url.Split("/_history/")[0].Split('/');
        return segments.Length >= 2 && ModelInfo.ModelInspector.FindClassMapping(segments[^2]) is { IsResource: true } mapping
            ? ((Resource)Activator.CreateInstance(mapping.NativeType)!).ToPocoNode(ModelInfo.ModelInspector, null)
            : null;
    }

    private static string PathOf(PocoNode node) =>
        node.Parent is { } parent ? $"{PathOf(parent)}.{node.Name}[{node.Index ?? 0}]" : "";

    private static string[] Paths(ResourceTree tree)
    {
        var paths = new string[tree.Count];
        paths[0] = "";
        Fill(tree.Root, paths);
        return paths;
    }

    private static string ValueAt(string path, ResourceTree tree, string[] paths)
    {
        var node = new FhirNode(tree, Array.IndexOf(paths, path) is >= 0 and var index ? index : 0);
        return node.Kind == NodeKind.Object ? JsonNode.Parse(node.Raw)!.ToJsonString() : node.Text;
    }

    private static void Fill(FhirNode node, string[] paths)
    {
        var counts = new Dictionary<(int, bool), int>();
        foreach (var child in node.Children)
        {
            var key = (child.NameId, child.Kind == NodeKind.PrimitiveElement);
            var index = counts.GetValueOrDefault(key);
            counts[key] = index + 1;
            paths[child.Index] = $"{paths[node.Index]}.{FhirNames.Name(child.NameId)}[{index}]";
            Fill(child, paths);
        }
    }

    private readonly struct Collector(string[] paths) : IValueSink
    {
        public Dictionary<SearchParam, HashSet<string>> Found { get; } = [];

        public void Value(FhirNode node, Emission emission) => Add(emission, paths[node.Index]);

        public void Flag(Emission emission, bool value) => Add(emission, value ? "true" : "false");

        private void Add(Emission emission, string what)
        {
            foreach (var param in emission.Params)
                (Found.TryGetValue(param, out var set) ? set : Found[param] = []).Add(what);
        }
    }
}
