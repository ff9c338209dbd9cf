using FhirEmr.FhirServer.Search.Indexing.Extraction;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Works out, from R4's definitions and model, how each composite of a type is answered.</summary>
internal static class CompositeForms
{
    private const string FromResource = "%resource.";

    /// <summary>Whether rows of its own are kept for the composite, so that it needs a number.</summary>
    public static bool HasRows(SearchParamDefinition definition, string type, IEnumerable<SearchParamDefinition> siblings) =>
        Repeating(definition, type) is { } context && KeptBy(definition, context, siblings) == definition;

    /// <summary>Null when a part is no parameter of the type: then nothing can be asked.</summary>
    public static CompositeForm? Of(
        SearchParamDefinition definition, string type, IReadOnlyList<SearchParamDefinition> siblings, IReadOnlyDictionary<string, SearchParam> byUrl, IReadOnlyDictionary<string, SearchParam> byCode)
    {
        var components = new List<SearchParam>();
        foreach (var part in definition.Component ?? [])
        {
            if (!byUrl.TryGetValue(part.Definition, out var param) || !param.IsSupported)
                return null;
            components.Add(param);
        }

        var whole = IsWhole(definition, type) ? components.ConvertAll(c => OfWhole(c, byCode)) : null;
        if (Repeating(definition, type) is not { } context)
            return new(components, whole, null, CompositeLayout.None, []);
        var keeper = KeptBy(definition, context, siblings);
        var expressions = OfComponents(definition, context, components);
        var layout = expressions is [.., _, _] && components[^1].Kind == SearchParamType.Number ? CompositeLayout.TwoIntegers : CompositeLayout.TokenAndValue;
        return new(components, whole, byCode[keeper.Code!], layout, keeper == definition
            ? [.. expressions.Where(e => !e.StartsWith(FromResource, StringComparison.Ordinal)).Zip(components.TakeLast(2), Narrowed)]
            : []);
    }

    /// <summary>The path of each part; where the parameter named reads another part's path (R4 has two crosswise), what the parameter reads counts.</summary>
    private static string[] OfComponents(SearchParamDefinition definition, string context, List<SearchParam> components)
    {
        var paths = definition.Component!.Select(c => c.Expression).ToArray();
        var own = components.ConvertAll(c => Array.Find(paths, path => c.Expression == $"{context}.{path}"));
        return own.TrueForAll(path => path is not null) ? [.. own!] : paths;
    }

    /// <summary>Some branch of the context stands once: the resource itself, or an element that does not repeat.</summary>
    private static bool IsWhole(SearchParamDefinition definition, string type) => Branches(definition, type).Any(b => !Repeats(type, b));

    private static string? Repeating(SearchParamDefinition definition, string type) => Branches(definition, type).Where(b => Repeats(type, b))
        .Select(b => $"{type}.{string.Join('.', b.Steps.Cast<PathStep.Child>().Select(s => s.Name))}").SingleOrDefault();

    private static IEnumerable<PathBranch> Branches(SearchParamDefinition definition, string type) =>
        (PathParser.Parse(definition.Expression ?? "") ?? []).Where(b => b.Root == type);

    private static bool Repeats(string type, PathBranch branch)
    {
        var mapping = ModelInfo.ModelInspector.FindClassMapping(type);
        var repeats = false;
        foreach (var step in branch.Steps.OfType<PathStep.Child>())
        {
            if (mapping?.FindMappedElementByName(step.Name) is not { } element)
                return true;
            repeats |= element.IsCollection;
            mapping = element.FhirType is [var only] ? ModelInfo.ModelInspector.FindClassMapping(only) : null;
        }

        return repeats;
    }

    /// <summary><c>combo-code-value-x</c> covers the resource and its components: the rows of <c>component-code-value-x</c> serve it, too.</summary>
    private static SearchParamDefinition KeptBy(SearchParamDefinition definition, string context, IEnumerable<SearchParamDefinition> siblings) =>
        siblings.FirstOrDefault(s => s.Type == SearchParamType.Composite && s.Expression == context && Values(s) == Values(definition)) ?? definition;

    private static string Values(SearchParamDefinition definition) => string.Join('$', (definition.Component ?? []).Select(c => c.Expression));

    /// <summary>R4 names the parameter of the resource alone as the one of resource and components, without <c>combo-</c>.</summary>
    private static SearchParam OfWhole(SearchParam component, IReadOnlyDictionary<string, SearchParam> byCode) =>
        component.Code.StartsWith("combo-", StringComparison.Ordinal) && byCode.TryGetValue(component.Code["combo-".Length..], out var alone) ? alone : component;

    /// <summary>A bare choice (<c>Group.characteristic.value</c>) holds only what the part's own parameter indexes.</summary>
    private static string Narrowed(string expression, SearchParam component)
    {
        if (expression != "value" || PathParser.Parse(component.Expression) is not { } branches)
            return expression;
        var types = branches.Where(b => b.Root == component.Type).Select(b => b.Steps[^1]).OfType<PathStep.OfType>().ToArray();
        return types.Length == 0 ? expression : string.Join(" | ", types.Select(t => $"value.as({t.Name})"));
    }
}
