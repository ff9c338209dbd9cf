using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>How to find the values of every search parameter in a resource of one type: compiled once, run on every write.</summary>
internal sealed class ExtractionPlan
{
    private readonly Dictionary<SearchParam, IReadOnlySet<string>> elementTypes = [];

    public ExtractionPlan(string type, SearchParameters parameters)
    {
        TypeNumber = ResourceTypes.NumberOf(type);
        Shape = parameters.Shape(type);
        References = parameters.References(type);
        Params = [.. parameters.Of(type).Where(p => p is { IsSupported: true, Number: > 0 }).OrderBy(p => p.Number)];
        var compiler = new ExtractionCompiler(type, Root);
        var (flags, interpreted) = (new List<PresenceFlag>(), new List<Interpreted>());
        for (var ordinal = 0; ordinal < Params.Length; ordinal++)
        {
            var param = Params[ordinal];
            if (PathParser.Parse(param.Expression) is { } branches && compiler.TryAdd(param, ordinal, branches, flags, out var types))
            {
                elementTypes[param] = types;
                continue;
            }

            var emission = new Emission(param.Kind);
            emission.Add(param, ordinal);
            interpreted.Add(new(emission, new FhirPathFallback(param.Expression)));
        }

        (Flags, InterpretedParams) = ([.. flags], [.. interpreted]);
    }

    public int TypeNumber { get; }

    /// <summary>The parameter that carries the resource's shape.</summary>
    public SearchParam Shape { get; }

    /// <summary>The parameter of references that none of the others reaches.</summary>
    public SearchParam References { get; }

    /// <summary>Indexed parameters by ascending number; an emission's ordinals point here.</summary>
    public SearchParam[] Params { get; }

    /// <summary>Parameters whose expression the compiler could not take: none of R4's.</summary>
    public IReadOnlyList<Interpreted> InterpretedParams { get; }

    private ExtractionStep Root { get; } = new();

    private PresenceFlag[] Flags { get; }

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
            foreach (var node in path.Values(root))
                sink.Value(node, emission);
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
