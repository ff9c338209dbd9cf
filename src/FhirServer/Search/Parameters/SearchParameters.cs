using System.Collections.Concurrent;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>Every search parameter this server knows, by resource type and code.</summary>
/// <remarks>
/// R4's own (the SDK carries their definitions), those of every resource (search.html#all), and ours. A type's list is built on first
/// use, so that start-up does not pay for 146 types. Parameters we cannot answer yet are listed with the reason, for honest errors.
/// </remarks>
internal sealed class SearchParameters(Func<string, string, int> numberOf)
{
    /// <summary>Code of the pseudo-parameter whose one token row tells which parameters a resource has values for (<c>:missing</c>).</summary>
    public const string ShapeCode = "_shape";

    /// <summary>Code of the pseudo-parameter for references that no search parameter reaches (extensions, contained resources, odd elements).</summary>
    public const string ReferenceCode = "_reference";

    private static readonly Lazy<IReadOnlyList<string>> AllReferenceCodes = new(() =>
        [.. ModelInfo.SearchParameters.Where(p => p.Type == SearchParamType.Reference).Select(p => p.Code ?? p.Name!).Append(ReferenceCode).Distinct().Order(StringComparer.Ordinal)]);

    private static readonly Lazy<ILookup<string, SearchParamDefinition>> R4 =
        new(() => ModelInfo.SearchParameters.Where(p => p.Resource is not null).ToLookup(p => p.Resource!, StringComparer.Ordinal));

    private readonly ConcurrentDictionary<string, TypeParameters> types = new(StringComparer.Ordinal);

    /// <summary>All parameters a search on the type may name, unsupported ones included.</summary>
    public IReadOnlyList<SearchParam> Of(string type) => ForType(type).All;

    /// <summary>The parameter of that code; null when the type has none.</summary>
    public SearchParam? Find(string type, string code) => ForType(type).ByCode.GetValueOrDefault(code);

    /// <summary>Codes under which the index may hold a reference, of any type.</summary>
    public static IReadOnlyList<string> ReferenceCodes => AllReferenceCodes.Value;

    /// <summary>The internal parameter of references that no search parameter reaches; not searchable by name.</summary>
    public SearchParam References(string type) => ForType(type).References;

    /// <summary>The internal parameter that holds a resource's shape; not searchable by name.</summary>
    public SearchParam Shape(string type) => ForType(type).Shape;

    /// <summary>The supported parameter code a typist most likely meant; null when none is near.</summary>
    public string? Nearest(string type, string code) =>
        NearestName.Of(code, Of(type).Where(p => p.IsSupported).Select(p => p.Code));

    private TypeParameters ForType(string type) => types.GetOrAdd(type, Build);

    private TypeParameters Build(string type)
    {
        var all = OwnParameters.Of(type, numberOf).Concat(R4.Value[type].Select(p => FromR4(p, type))).ToArray();
        var shape = new SearchParam(numberOf(type, ShapeCode), type, ShapeCode, SearchParamType.Token, "", [], "");
        var references = new SearchParam(numberOf(type, ReferenceCode), type, ReferenceCode, SearchParamType.Reference, "", [], "");
        return new(all, all.ToDictionary(p => p.Code, StringComparer.Ordinal), shape, references);
    }

    private SearchParam FromR4(SearchParamDefinition definition, string type)
    {
        var why = definition.Type switch
        {
            SearchParamType.Composite => "composite parameters are not supported yet",
            SearchParamType.Special => "special parameters are not supported yet",
            _ when string.IsNullOrEmpty(definition.Expression) => "it has no expression to index by",
            _ => null,
        };
        var code = definition.Code ?? definition.Name!;
        return new(why is null ? numberOf(type, code) : 0, type, code, definition.Type, definition.Expression ?? "", TargetsOf(definition, type), definition.Url ?? "")
        {
            WhyUnsupported = why,
        };
    }

    private static string[] TargetsOf(SearchParamDefinition definition, string type)
    {
        var listed = (definition.Target ?? []).Select(t => t.GetLiteral()).OfType<string>().Where(ResourceTypes.Exists).ToArray();
        if (definition.Type == SearchParamType.Reference && ReferenceTargetTypes.Of(type, definition.Expression ?? "") is { } possible
            && listed.Where(possible.Contains).ToArray() is { Length: > 0 } narrowed)
            return narrowed;
        return listed.Length >= ResourceTypes.All.Count - 1 ? [] : listed;
    }

    private sealed record TypeParameters(IReadOnlyList<SearchParam> All, Dictionary<string, SearchParam> ByCode, SearchParam Shape, SearchParam References);
}
