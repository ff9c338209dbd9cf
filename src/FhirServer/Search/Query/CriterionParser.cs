using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Unindexed;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads one criterion, <c>name=value</c>, into an expression; says what is wrong to <paramref name="faults"/> and answers null.</summary>
/// <param name="baseUrl">This server's FHIR base as the caller sees it: references below it are local.</param>
internal sealed class CriterionParser
{
    private const int MaxChainDepth = 4; // security §8
    private const int MaxReverseDepth = 3;
    private const int MaxChainTargets = 12;
    private const int MaxValues = 500; // a statement has room for some two thousand parameters on the strictest engine

    private readonly SearchParameters parameters;
    private readonly SearchFaults faults;
    private readonly ValueCriteria values;
    private readonly ReferenceCriterion referenceCriterion;
    private readonly CompositeCriterion composites;
    private readonly ConceptCriterion concepts;
    private readonly Func<ISearchSymbols, IReferenceLookup, CriterionParser> over;
    private readonly ResourceIndexer indexer;
    private readonly ISearchSymbols symbols;
    private readonly Func<string, ResourceKey?>? localKey;

    public CriterionParser(
        SearchParameters parameters, ResourceIndexer indexer, ISearchSymbols symbols, IReferenceLookup references, ConceptLookup lookup, TimeZoneInfo zone,
        DateTimeOffset now, string? baseUrl, SearchFaults faults, Func<string, ResourceKey?>? localKey = null)
    {
        (this.parameters, this.faults, this.indexer, this.symbols, this.localKey) = (parameters, faults, indexer, symbols, localKey);
        over = (otherSymbols, otherReferences) => new(parameters, indexer, otherSymbols, otherReferences, lookup, zone, now, baseUrl, faults);
        values = new(parameters, indexer, symbols, zone, now, faults);
        referenceCriterion = new(parameters, indexer, references, baseUrl);
        composites = new(parameters, values, referenceCriterion, faults);
        concepts = new(lookup, indexer, symbols, baseUrl, faults);
    }

    public async ValueTask<SearchExpression?> ParseAsync(string type, string name, string value, CancellationToken ct) =>
        await ParseAsync(type, name, name, value, 0, ct);

    /// <inheritdoc cref="StringCriterion.EndsWith"/>
    public SearchExpression EndsWith(SearchParam param, string text, string given) => values.EndsWith(param, text, given);

    /// <inheritdoc cref="StringCriterion.Whole"/>
    public SearchExpression Whole(SearchParam param, string text, string given) => values.Whole(param, text, given);

    /// <param name="given">The whole name as the client wrote it, for messages.</param>
    private async ValueTask<SearchExpression?> ParseAsync(string type, string name, string given, string value, int depth, CancellationToken ct)
    {
        if (depth > MaxChainDepth)
        {
            faults.Refuse("invalid", given, $"'{given}' chains more than {MaxChainDepth} references: search in steps.");
            return null;
        }

        if (depth == 0 && given.AsSpan().Count("_has:") > MaxReverseDepth)
        {
            faults.Refuse("invalid", given, $"'{given}' has more than {MaxReverseDepth} _has in each other: search in steps.");
            return null;
        }

        if (name.StartsWith("_has:", StringComparison.Ordinal))
            return await ReverseChainAsync(type, name, given, value, depth, ct);

        var key = SearchKey.Parse(name);
        if (Find(type, key.Code, given) is not { } param)
            return null;
        if (value.Length == 0)
        {
            faults.BadValue(given, $"'{given}' has no value. Give one, or leave the parameter out.");
            return null;
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            faults.BadValue(given, $"'{given}' holds the character U+0000, which no resource can have.");
            return null;
        }

        if (SearchText.Split(value, ',').Count > MaxValues)
        {
            faults.Refuse("too-costly", given, $"'{given}' has more than {MaxValues} values: search in portions.");
            return null;
        }

        if (!param.IsIndexed)
            return await UnindexedAsync(param, key, given, value, ct);
        if (key.Chain is not null)
            return await ChainAsync(param, key, given, value, depth, ct);
        return param.Kind switch
        {
            SearchParamType.Composite => await composites.ReadAsync(param, key, given, value, ct),
            SearchParamType.Reference when key.Modifier is "above" or "below" => await HierarchyAsync(param, key, given, value, ct),
            SearchParamType.Reference when key.Modifier is not ("missing" or "identifier") => await ReferenceAsync(param, key, given, value, ct),
            SearchParamType.Token when ConceptCriterion.IsModifier(key.Modifier) && param.Code != "_id" => await concepts.ReadAsync(param, key, given, value, ct),
            _ => values.Read(param, key, given, value),
        };
    }

    /// <summary>A custom parameter whose rows are not complete: the same criterion, in numbers of its own, tested on the bodies.</summary>
    private async ValueTask<SearchExpression?> UnindexedAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        if (key.Chain is not null)
        {
            faults.Refuse("too-costly", given, UnindexedParameter.CannotYet(param, "be followed"));
            return null;
        }

        var own = new PrivateIndex(symbols, localKey);
        var reader = over(own, own);
        var criterion = param.Kind == SearchParamType.Reference && key.Modifier is not ("missing" or "identifier")
            ? await reader.ReferenceAsync(param, key, given, value, ct)
            : reader.values.Read(param, key, given, value);
        return criterion is null ? null : UnindexedParameter.Test(param, criterion, indexer, own, given, faults);
    }

    private SearchParam? Find(string type, string code, string given)
    {
        var param = parameters.Find(type, code);
        if (param is { IsSupported: true })
            return param;
        if (param is not null)
        {
            faults.Unknown(given, $"'{param.Code}' is a search parameter of {param.Type}, but {param.WhyUnsupported}.");
            return null;
        }

        var near = parameters.Nearest(type, code);
        faults.Unknown(given, $"{type} has no search parameter '{code}'." + (near is null ? "" : $" Did you mean '{near}'?"));
        return null;
    }

    private async ValueTask<SearchExpression?> ReferenceAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        if (key.Modifier is { } type && !IsTarget(param, type, given))
            return null;

        var targets = new List<long>();
        foreach (var part in SearchText.Split(value, ','))
        {
            var (found, fault) = await referenceCriterion.TargetsAsync(param, key.Modifier, SearchText.Unescape(part), ct);
            if (fault is not null)
            {
                faults.BadValue(given, fault);
                return null;
            }

            targets.AddRange(found);
        }

        // One patient and a parameter of its compartment: whatever matches lies among that patient's own rows.
        var owner = targets is [> 0 and var only] && PatientCompartment.Admits(param) && referenceCriterion.NamesPatient(param, key.Modifier, value) ? only : (long?)null;
        return new SearchExpression.Reference(param, [.. targets.Distinct()]) { Owner = owner };
    }

    /// <summary>References into a hierarchy (<c>Location.partOf</c>): to the one named and all below it, or above it (search.html#reference).</summary>
    private async ValueTask<SearchExpression?> HierarchyAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        var targets = new List<long>();
        foreach (var part in SearchText.Split(value, ','))
        {
            var (found, code, fault) = await referenceCriterion.HierarchyAsync(param, SearchText.Unescape(part), key.Modifier == "above", ct);
            if (fault is not null)
            {
                faults.Refuse(code!, given, fault);
                return null;
            }

            targets.AddRange(found);
        }

        return new SearchExpression.Reference(param, [.. targets.Distinct()]) { IsHierarchy = true };
    }

    private bool IsTarget(SearchParam param, string type, string given)
    {
        if (!ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            faults.Unknown(given, $"':{type}' is neither a resource type nor a modifier of a reference; those are :missing, :identifier, :above, :below and a type such as :Patient."
                + (near is null ? "" : $" Did you mean ':{near}'?"));
            return false;
        }

        if (param.Targets.Count == 0 || param.Targets.Contains(type))
            return true;
        faults.BadValue(given, $"'{param.Code}' of {param.Type} never refers to a {type}; it refers to {string.Join(", ", param.Targets)}.");
        return false;
    }

    private async ValueTask<SearchExpression?> ChainAsync(SearchParam param, SearchKey key, string given, string value, int depth, CancellationToken ct)
    {
        if (param.Kind != SearchParamType.Reference)
        {
            faults.Refuse("invalid", given, $"'{param.Code}' is no reference, so nothing can be searched beyond it.");
            return null;
        }

        if (key.Modifier is { } type && !IsTarget(param, type, given))
            return null;
        var code = SearchKey.Parse(key.Chain!).Code;
        var possible = key.Modifier is { } one ? [one] : param.Targets.Count > 0 ? param.Targets : ResourceTypes.All;
        var targets = possible.Where(t => code == "_has" || parameters.Find(t, code) is { IsSupported: true }).ToArray();
        if (targets.Length == 0)
        {
            var near = possible.Count <= MaxChainTargets ? possible.Select(t => parameters.Nearest(t, code)).FirstOrDefault(n => n is not null) : null;
            faults.Unknown(given, $"None of the types '{param.Code}' refers to ({string.Join(", ", possible.Take(MaxChainTargets))}) has a search parameter '{code}'."
                + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        if (targets.Length > MaxChainTargets)
        {
            faults.Refuse("too-costly", given, $"'{param.Code}' may refer to {targets.Length} types with a '{code}': say which, as in '{param.Code}:{targets[0]}.{key.Chain}'.");
            return null;
        }

        var terms = new List<SearchExpression>();
        foreach (var target in targets)
        {
            if (await ParseAsync(target, key.Chain!, given, value, depth + 1, ct) is not { } inner)
                return null;
            terms.Add(new SearchExpression.Chain(param, target, inner));
            if (new ContainedValues(parameters, param, target).For(inner) is { } inside)
                terms.Add(inside);
        }

        return ValueCriteria.AnyOf(terms);
    }

    /// <summary><c>_has:Type:reference:name</c> (search.html#has).</summary>
    private async ValueTask<SearchExpression?> ReverseChainAsync(string type, string name, string given, string value, int depth, CancellationToken ct)
    {
        if (name.Split(':', 4) is not [_, { Length: > 0 } source, { Length: > 0 } code, { Length: > 0 } rest])
        {
            faults.Refuse("invalid", given, "'_has' is written _has:Type:reference:parameter, as in _has:Observation:patient:code.");
            return null;
        }

        if (given.AsSpan().Count("_has:") > MaxReverseDepth)
        {
            faults.Refuse("invalid", given, $"'{given}' asks what refers to it more than {MaxReverseDepth} times over: search in steps.");
            return null;
        }

        if (!ResourceTypes.Exists(source))
        {
            var near = NearestName.Of(source, ResourceTypes.All);
            faults.Unknown(given, $"'{source}' is not a resource type." + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        if (Find(source, code, given) is not { } param)
            return null;
        if (!param.IsIndexed)
        {
            faults.Refuse("too-costly", given, UnindexedParameter.CannotYet(param, "be followed backwards"));
            return null;
        }

        if (param.Kind != SearchParamType.Reference || (param.Targets.Count > 0 && !param.Targets.Contains(type)))
        {
            faults.Refuse("invalid", given, $"'{code}' of {source} does not refer to a {type}.");
            return null;
        }

        return await ParseAsync(source, rest, given, value, depth + 1, ct) is { } inner ? new SearchExpression.ReverseChain(param, inner) : null;
    }
}
