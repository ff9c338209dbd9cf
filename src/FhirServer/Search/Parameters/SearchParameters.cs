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

    private static readonly Lazy<ILookup<string, SearchParamDefinition>> R4 =
        new(() => ModelInfo.SearchParameters.Where(p => p.Resource is not null).ToLookup(p => p.Resource!, StringComparer.Ordinal));

    private volatile Edition edition = new([], new(StringComparer.Ordinal));

    /// <summary>All parameters a search on the type may name, unsupported ones included.</summary>
    public IReadOnlyList<SearchParam> Of(string type) => ForType(type).All;

    /// <summary>The parameter of that code; null when the type has none.</summary>
    public SearchParam? Find(string type, string code) => ForType(type).ByCode.GetValueOrDefault(code);

    /// <summary>The internal parameter that holds a resource's shape; not searchable by name.</summary>
    public SearchParam Shape(string type) => ForType(type).Shape;

    /// <summary>The supported parameter code a typist most likely meant; null when none is near.</summary>
    public string? Nearest(string type, string code) =>
        NearestName.Of(code, Of(type).Where(p => p.IsSupported).Select(p => p.Code));

    /// <summary>Custom parameters in force, failed ones included.</summary>
    public IReadOnlyList<CustomParameter> Custom => edition.Custom;

    /// <summary>Puts these custom parameters in force, all at once. Lists of types they do not touch stay the same objects.</summary>
    public void Use(IReadOnlyList<CustomParameter> custom)
    {
        var before = edition;
        var touched = before.Custom.Concat(custom).Select(p => p.Type).ToHashSet(StringComparer.Ordinal);
        edition = new(custom, new(before.Types.Where(t => !touched.Contains(t.Key)), StringComparer.Ordinal));
    }

    /// <summary>Whether R4 or this server itself defines the code on the type.</summary>
    public SearchParam? FindOwn(string type, string code) => Find(type, code) is { Custom: null } own ? own : null;

    private TypeParameters ForType(string type)
    {
        var current = edition;
        return current.Types.GetOrAdd(type, static (t, x) => x.Self.Build(t, x.Custom), (Self: this, current.Custom));
    }

    private TypeParameters Build(string type, IReadOnlyList<CustomParameter> custom)
    {
        var all = OwnParameters.Of(type, numberOf).Concat(R4.Value[type].Select(p => FromR4(p, type))).ToArray();
        if (custom.Any(c => c.Type == type))
            all = [.. all, .. custom.Where(c => c.Type == type && !all.Any(p => p.Code == c.Code)).DistinctBy(c => c.Code).Select(FromCustom)];
        var shape = new SearchParam(numberOf(type, ShapeCode), type, ShapeCode, SearchParamType.Token, "", [], "");
        return new(all, all.ToDictionary(p => p.Code, StringComparer.Ordinal), shape);
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

    private SearchParam FromCustom(CustomParameter custom) => new(
        numberOf(custom.Type, custom.IndexKey), custom.Type, custom.Code, custom.Kind, custom.Expression, custom.Targets, custom.Url)
    {
        WhyUnsupported = custom.State.Fault,
        Custom = new(custom.Id, custom.State, numberOf(custom.Type, custom.IndexKey + "?")),
    };

    private static string[] TargetsOf(SearchParamDefinition definition, string type)
    {
        var listed = (definition.Target ?? []).Select(t => t.GetLiteral()).OfType<string>().Where(ResourceTypes.Exists).ToArray();
        if (definition.Type == SearchParamType.Reference && ReferenceTargetTypes.Of(type, definition.Expression ?? "") is { } possible
            && listed.Where(possible.Contains).ToArray() is { Length: > 0 } narrowed)
            return narrowed;
        return listed.Length >= ResourceTypes.All.Count - 1 ? [] : listed;
    }

    private sealed record Edition(IReadOnlyList<CustomParameter> Custom, ConcurrentDictionary<string, TypeParameters> Types);

    private sealed record TypeParameters(IReadOnlyList<SearchParam> All, Dictionary<string, SearchParam> ByCode, SearchParam Shape);
}
