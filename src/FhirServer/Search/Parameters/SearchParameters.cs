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
/// <param name="numberOf">Number of a type's code, giving one to a new code.</param>
/// <param name="find">The same without giving one; null finds none.</param>
internal sealed class SearchParameters(Func<string, string, int> numberOf, Func<string, string, int?>? find = null)
{
    /// <summary>Code of the pseudo-parameter whose one token row tells which parameters a resource has values for (<c>:missing</c>).</summary>
    public const string ShapeCode = "_shape";

    /// <summary>Code of the pseudo-parameter behind <see cref="Inside"/>.</summary>
    public const string InsideCode = "_inside";

    /// <summary>What the codes of parameters end with that hold the later parts of long texts.</summary>
    public const char PiecesEnd = '~';

    /// <summary>Code of the pseudo-parameter for references that no search parameter reaches (extensions, contained resources, odd elements).</summary>
    public const string ReferenceCode = "_reference";

    private static readonly Lazy<IReadOnlyList<string>> AllReferenceCodes = new(() =>
        [.. ModelInfo.SearchParameters.Where(p => p.Type == SearchParamType.Reference).Select(p => p.Code ?? p.Name!).Append(ReferenceCode).Distinct().Order(StringComparer.Ordinal)]);

    private static readonly Lazy<ILookup<string, SearchParamDefinition>> R4 =
        new(() => ModelInfo.SearchParameters.Where(p => p.Resource is not null).ToLookup(p => p.Resource!, StringComparer.Ordinal));

    private readonly ConcurrentDictionary<(string Type, string Code), SearchParam> pieces = new();
    private readonly ConcurrentDictionary<(int Reference, int Target), SearchParam> contained = new();
    private volatile Edition edition = new([], new(StringComparer.Ordinal));

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

    /// <summary>The internal parameter whose token rows tell the types of the resources contained in a resource (<c>_contained=true</c>).</summary>
    public SearchParam Inside(string type) => ForType(type).Inside;

    /// <summary>Internal parameters that are indexed beside the searchable ones, to answer those that no single value answers.</summary>
    public IReadOnlyList<SearchParam> Hidden(string type) => ForType(type).Hidden;

    /// <summary>How a composite parameter is answered; null for all other kinds.</summary>
    public CompositeForm? Composite(SearchParam param) => ForType(param.Type).Composites.GetValueOrDefault(param.Code);

    /// <summary>The internal parameter under which long texts of a string parameter go on.</summary>
    public SearchParam Pieces(SearchParam param) => pieces.GetOrAdd(
        (param.Type, param.Custom?.IndexKey ?? param.Code), static (key, p) => p.Param with { Number = p.NumberOf(key.Type, key.Code + PiecesEnd), Code = p.Param.Code + PiecesEnd }, (Param: param, NumberOf: numberOf));

    /// <summary>The same for those who only read: nothing is numbered for them, and what nothing was written under has a number that no row has.</summary>
    public SearchParam FindPieces(SearchParam param)
    {
        if (pieces.TryGetValue((param.Type, param.Custom?.IndexKey ?? param.Code), out var known))
            return known;
        return Known(param.Type, (param.Custom?.IndexKey ?? param.Code) + PiecesEnd) ? Pieces(param) : param with { Number = -param.Number, Code = param.Code + PiecesEnd };
    }

    /// <summary>
    /// The parameter under which the values of contained resources are kept: what <paramref name="target"/> finds in a contained resource that
    /// <paramref name="reference"/> points at (<c>MedicationRequest.medication>Medication.code</c>).
    /// </summary>
    public SearchParam Contained(SearchParam reference, SearchParam target) => contained.GetOrAdd(
        (reference.Number, target.Number), // numbers are unique over all types
        static (_, p) => p.target with { Number = p.numberOf(p.reference.Type, ContainedCode(p.reference, p.target)), Type = p.reference.Type, IsContained = true },
        (reference, target, numberOf));

    /// <summary>The same for those who only read, as <see cref="FindPieces"/>.</summary>
    public SearchParam FindContained(SearchParam reference, SearchParam target) =>
        contained.TryGetValue((reference.Number, target.Number), out var known) ? known
        : target.Number > 0 && Known(reference.Type, ContainedCode(reference, target)) ? Contained(reference, target)
        : target with { Number = -1, Type = reference.Type, IsContained = true };

    /// <summary>The same when it was asked for before, by numbers alone; 0 when it was not.</summary>
    public int Contained(int reference, int target) => contained.TryGetValue((reference, target), out var known) ? known.Number : 0;

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

    private bool Known(string type, string code) => find is null || find(type, code) is not null;

    private static string ContainedCode(SearchParam reference, SearchParam target) => $"{reference.Code}>{target.Type}.{target.Code}";

    private TypeParameters ForType(string type)
    {
        var current = edition;
        return current.Types.GetOrAdd(type, static (t, x) => x.Self.Build(t, x.Custom), (Self: this, current.Custom));
    }

    private TypeParameters Build(string type, IReadOnlyList<CustomParameter> custom)
    {
        var r4 = R4.Value[type].ToArray();
        var all = OwnParameters.Of(type, numberOf).Concat(r4.Select(p => FromR4(p, type, r4))).ToArray();
        if (custom.Any(c => c.Type == type))
            all = [.. all, .. custom.Where(c => c.Type == type && !all.Any(p => p.Code == c.Code)).DistinctBy(c => c.Code).Select(FromCustom)];
        var byCode = all.ToDictionary(p => p.Code, StringComparer.Ordinal);
        var byUrl = all.Where(p => p.Url.Length > 0 && p.Custom is null).ToDictionary(p => p.Url, StringComparer.Ordinal);
        var composites = new Dictionary<string, CompositeForm>(StringComparer.Ordinal);
        foreach (var definition in r4.Where(p => p.Type == SearchParamType.Composite))
            if (CompositeForms.Of(definition, type, r4, byUrl, byCode) is { } form)
                composites.Add(definition.Code!, form);

        var shape = new SearchParam(numberOf(type, ShapeCode), type, ShapeCode, SearchParamType.Token, "", [], "");
        var inside = new SearchParam(numberOf(type, InsideCode), type, InsideCode, SearchParamType.Token, "", [], "");
        var references = new SearchParam(numberOf(type, ReferenceCode), type, ReferenceCode, SearchParamType.Reference, "", [], "");
        return new(all, byCode, shape, inside, references, [.. OwnParameters.Hidden(type, numberOf)], composites);
    }

    private SearchParam FromR4(SearchParamDefinition definition, string type, SearchParamDefinition[] siblings)
    {
        var code = definition.Code ?? definition.Name!;
        var why = definition.Type switch
        {
            SearchParamType.Special when code != "near" => "special parameters of this kind are not supported",
            _ when string.IsNullOrEmpty(definition.Expression) => "it has no expression to index by",
            _ => null,
        };

        // What is answered through other parameters has no rows, and so no number of its own.
        var isIndexed = why is null && definition.Type switch
        {
            SearchParamType.Special => false,
            SearchParamType.Composite => CompositeForms.HasRows(definition, type, siblings),
            _ => true,
        };
        return new(isIndexed ? numberOf(type, code) : 0, type, code, definition.Type, definition.Expression ?? "", TargetsOf(definition, type), definition.Url ?? "")
        {
            WhyUnsupported = why,
        };
    }

    private SearchParam FromCustom(CustomParameter custom) => new(
        numberOf(custom.Type, custom.IndexKey), custom.Type, custom.Code, custom.Kind, custom.Expression, custom.Targets, custom.Url)
    {
        WhyUnsupported = custom.State.Fault,
        Custom = new(custom.Id, custom.State, custom.IndexKey, numberOf(custom.Type, custom.IndexKey + "?")),
    };

    private static string[] TargetsOf(SearchParamDefinition definition, string type)
    {
        var listed = (definition.Target ?? []).Select(t => t.GetLiteral()).OfType<string>().Where(ResourceTypes.Exists).ToArray();
        if (definition.Type == SearchParamType.Reference && ReferenceTargetTypes.Of(type, definition.Expression ?? "") is { } possible
            && listed.Where(possible.Contains).ToArray() is { Length: > 0 } narrowed)
            return narrowed;
        return listed.Length >= ResourceTypes.All.Count - 1 ? [] : listed;
    }

    private sealed record TypeParameters(
        IReadOnlyList<SearchParam> All, Dictionary<string, SearchParam> ByCode, SearchParam Shape, SearchParam Inside, SearchParam References, IReadOnlyList<SearchParam> Hidden,
        Dictionary<string, CompositeForm> Composites);

    private sealed record Edition(IReadOnlyList<CustomParameter> Custom, ConcurrentDictionary<string, TypeParameters> Types);
}
