using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>How to find the values of every search parameter in a resource of one type: compiled once, run on every write.</summary>
internal sealed class ExtractionPlan
{
    private readonly Dictionary<SearchParam, IReadOnlySet<string>> elementTypes = [];
    private readonly Dictionary<int, CompositePlan> composites = [];

    private readonly SearchParameters parameters;

    private readonly Action<SearchParam, Exception>? failures;

    public ExtractionPlan(string type, SearchParameters parameters) : this(type, parameters, parameters.Of(type))
    {
    }

    /// <param name="source">All parameters of the type, or one that is wanted alone.</param>
    public ExtractionPlan(string type, SearchParameters parameters, IReadOnlyList<SearchParam> source, Action<SearchParam, Exception>? failures = null)
    {
        this.parameters = parameters;
        this.failures = failures;
        Source = source;
        TypeNumber = ResourceTypes.NumberOf(type);
        Shape = parameters.Shape(type);
        Inside = parameters.Inside(type);
        References = parameters.References(type);
        var hidden = source.Count == 1 ? [] : parameters.Hidden(type);
        Params = [.. source.Concat(hidden).Where(p => p is { IsSupported: true, Number: > 0 }).OrderBy(p => p.Number)];
        var compiler = new ExtractionCompiler(type, Root);
        var (flags, interpreted) = (new List<PresenceFlag>(), new List<Interpreted>());
        for (var ordinal = 0; ordinal < Params.Length; ordinal++)
        {
            var param = Params[ordinal];
            if (PathParser.Parse(param.Expression) is { } branches && compiler.TryAdd(param, ordinal, branches, flags, out var types))
            {
                elementTypes[param] = types;
                if (parameters.Composite(param) is { } form)
                    composites[param.Number] = new(param, ordinal, form.Layout, [.. form.Components.TakeLast(form.Expressions.Count)
                        .Zip(form.Expressions)
                        .OrderBy(p => p.First.Kind == SearchParamType.Token ? 0 : 1).Select(p => compiler.CompilePart(param, ordinal, p.First.Kind, p.Second))]);
                continue;
            }

            var emission = new Emission(param.Kind);
            emission.Add(param, ordinal);
            interpreted.Add(new(emission, new FhirPathFallback(param.Expression)));
        }

        (Flags, InterpretedParams) = ([.. flags], [.. interpreted]);
    }

    /// <summary>The list it was made from: as long as the type has this very list, the plan is current.</summary>
    public IReadOnlyList<SearchParam> Source { get; }

    public int TypeNumber { get; }

    /// <summary>The parameter that carries the resource's shape.</summary>
    public SearchParam Shape { get; }

    /// <summary>The parameter that carries the types of contained resources.</summary>
    public SearchParam Inside { get; }

    /// <summary>The parameter of references that none of the others reaches.</summary>
    public SearchParam References { get; }

    /// <summary>Indexed parameters by ascending number; an emission's ordinals point here.</summary>
    public SearchParam[] Params { get; }

    /// <summary>Parameters whose expression the compiler could not take: none of R4's.</summary>
    public IReadOnlyList<Interpreted> InterpretedParams { get; }

    /// <summary>A custom expression failed on some resource since the plan was made.</summary>
    public bool HasFailed { get; private set; }

    private ExtractionStep Root { get; } = new();

    private PresenceFlag[] Flags { get; }

    /// <summary>The parameter of that number, the shape included.</summary>
    public SearchParam Param(int number) => number == Shape.Number ? Shape
        : Params.FirstOrDefault(p => p.Number == number) ?? Params.Where(p => p.Kind == SearchParamType.String).Select(parameters.FindPieces).First(p => p.Number == number);

    /// <summary>Where the parameter's long texts go on.</summary>
    public SearchParam Pieces(SearchParam param, bool isWriting) => isWriting ? parameters.Pieces(param) : parameters.FindPieces(param);

    /// <summary>How the parts of a composite are found; only composites with rows of their own are planned.</summary>
    public CompositePlan Composite(SearchParam param) => composites[param.Number];

    /// <summary>FHIR datatypes that the parameter's paths end at, as far as the model tells; empty for interpreted ones.</summary>
    public IReadOnlySet<string> ElementTypes(SearchParam param) =>
        elementTypes.TryGetValue(param, out var types) ? types : System.Collections.Frozen.FrozenSet<string>.Empty;

    /// <summary>Hands every value of every parameter to the sink; <paramref name="flag"/> gets the computed booleans.</summary>
    public void Run<TSink>(FhirNode root, ref TSink sink, Action<Emission, bool> flag)
        where TSink : struct, IValueSink, allows ref struct
    {
        Root.Walk(root, ref sink);
        foreach (var presence in Flags)
            if (presence.Of(root) is { } value)
                flag(presence.Emission, value);
        foreach (var (emission, path) in InterpretedParams)
            foreach (var node in Values(emission, path, root))
                sink.Value(node, emission);
    }

    /// <summary>A custom expression that fails must not stop the write: its parameter is put out of use instead.</summary>
    private List<FhirNode> Values(Emission emission, FhirPathFallback path, FhirNode root)
    {
        try
        {
            return path.Values(root);
        }
        catch (Exception e) when (failures is not null && emission.Params[0].Custom is not null)
        {
            HasFailed = true;
            failures(emission.Params[0], e);
            return [];
        }
    }

    internal sealed record Interpreted(Emission Emission, FhirPathFallback Path);

    /// <summary><c>X.exists() and X != false</c> for an element X of the resource (Patient.deceased).</summary>
    internal sealed record PresenceFlag(Emission Emission, int Name)
    {
        public bool? Of(FhirNode root)
        {
            var hasExtensionsOnly = false;
            foreach (var child in root.Children)
            {
                if (child.NameId != Name)
                    continue;
                if (child.HasValue)
                    return child.Kind != NodeKind.False;
                hasExtensionsOnly = true;
            }

            return hasExtensionsOnly ? null : false; // FHIRPath compares an element without a value with nothing, and gets nothing
        }
    }
}
