using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query.Filter;

/// <summary><c>_filter</c> → the same expressions that ordinary criteria become (search_filter.html).</summary>
/// <remarks>
/// A dotted path is a chain, and a bracket speaks of the very target that the rest of the path goes on from. <c>ne</c> of codes, texts and
/// references means that no value is equal; of dates and numbers it means what the prefix means.
/// </remarks>
internal sealed class FilterTranslator(SearchParameters parameters, CriterionParser criteria, TimeZoneInfo zone, SearchFaults faults)
{
    private const int MaxChainDepth = 4;
    private const int MaxTargets = 12;
    private const string Name = "_filter";

    /// <summary>Null, and a fault, when the filter does not read or cannot be answered.</summary>
    public async ValueTask<SearchExpression?> ReadAsync(string type, string given, string text, CancellationToken ct)
    {
        var (term, fault) = FilterReader.Read(text);
        if (term is not null)
            return await OfAsync(type, term, 0, ct);
        faults.Refuse("invalid", given, fault!);
        return null;
    }

    private async ValueTask<SearchExpression?> OfAsync(string type, FilterTerm term, int depth, CancellationToken ct)
    {
        switch (term)
        {
            case FilterTerm.Not not:
                return await OfAsync(type, not.Term, depth, ct) is { } inner ? new SearchExpression.Not(inner) : null;
            case FilterTerm.And and:
                return await OfAsync(type, and.Left, depth, ct) is { } left && await OfAsync(type, and.Right, depth, ct) is { } right
                    ? new SearchExpression.And([left, right]) : null;
            case FilterTerm.Or or:
                return await OfAsync(type, or.Left, depth, ct) is { } one && await OfAsync(type, or.Right, depth, ct) is { } other
                    ? new SearchExpression.Or([one, other]) : null;
            default:
                return await PathAsync(type, (FilterTerm.Comparison)term, 0, depth, ct);
        }
    }

    private async ValueTask<SearchExpression?> PathAsync(string type, FilterTerm.Comparison comparison, int index, int depth, CancellationToken ct)
    {
        var step = comparison.Path[index];
        if (parameters.Find(type, step.Name) is not { IsSupported: true } param)
        {
            var near = parameters.Nearest(type, step.Name);
            faults.Unknown(Name, $"{type} has no search parameter '{step.Name}' (character {step.At} of the filter)." + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        var isLast = index == comparison.Path.Count - 1;
        if (isLast && step.Inner is null)
            return await FilterLeaf.OfAsync(param, comparison, criteria, zone, faults, ct);
        if (param.Kind != SearchParamType.Reference)
            return Refused($"'{step.Name}' of {type} is no reference (character {step.At} of the filter): a dot or a bracket goes on to what a reference points at.");
        if (depth == MaxChainDepth)
            return Refused($"The filter follows more than {MaxChainDepth} references (character {step.At}): search in steps.");
        if (isLast && comparison.Operator is not null)
            return Refused($"After the bracket of '{step.Name}' (character {step.At} of the filter) a dot and a parameter of the target are expected, as in {step.Name}[...].name eq x.");

        var targets = Targets(param, step, isLast ? null : comparison.Path[index + 1].Name);
        if (targets.Length is 0 or > MaxTargets)
            return Refused($"'{step.Name}' of {type} (character {step.At} of the filter) may refer to {(targets.Length == 0 ? "nothing that has these parameters" : $"{targets.Length} types")}: "
                + $"say which, as in {step.Name}:{(param.Targets is [var first, ..] ? first : "Patient")}.");

        var terms = new List<SearchExpression>();
        foreach (var target in targets)
        {
            var all = new List<SearchExpression>();
            if (step.Inner is not null)
            {
                if (await OfAsync(target, step.Inner, depth + 1, ct) is not { } inner)
                    return null;
                all.Add(inner);
            }

            if (!isLast)
            {
                if (await PathAsync(target, comparison, index + 1, depth + 1, ct) is not { } rest)
                    return null;
                all.Add(rest);
            }

            terms.Add(new SearchExpression.Chain(param, target, all is [var only] ? only : new SearchExpression.And(all)));

            // Of several conditions the index could not say that one and the same contained resource satisfies them.
            if (all is [var one] && new ContainedValues(parameters, param, target).For(one) is { } inside)
                terms.Add(inside);
        }

        return ValueCriteria.AnyOf(terms);
    }

    /// <summary>Types that the reference may point at and that have what is asked of them.</summary>
    private string[] Targets(SearchParam param, FilterStep step, string? next)
    {
        IReadOnlyList<string> possible = step.Type is { } one ? [one] : param.Targets.Count > 0 ? param.Targets : ResourceTypes.All;
        return [.. possible.Where(t => ResourceTypes.Exists(t) && (param.Targets.Count == 0 || param.Targets.Contains(t))
            && (next is null || Has(t, next)) && (step.Inner is null || Knows(t, step.Inner)))];
    }

    private bool Knows(string type, FilterTerm term) => term switch
    {
        FilterTerm.Not not => Knows(type, not.Term),
        FilterTerm.And and => Knows(type, and.Left) && Knows(type, and.Right),
        FilterTerm.Or or => Knows(type, or.Left) && Knows(type, or.Right),
        FilterTerm.Comparison comparison => Has(type, comparison.Path[0].Name),
        _ => false,
    };

    private bool Has(string type, string code) => parameters.Find(type, code) is { IsSupported: true };

    private SearchExpression? Refused(string text)
    {
        faults.Refuse("invalid", Name, text);
        return null;
    }
}
