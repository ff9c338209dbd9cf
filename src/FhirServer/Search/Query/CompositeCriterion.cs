using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A composite in a search: the values of its parts joined by <c>$</c>, prefixes included (search.html#composite).</summary>
internal sealed class CompositeCriterion(SearchParameters parameters, ValueCriteria values, ReferenceCriterion references, SearchFaults faults)
{
    private const int MaxCombinations = 64; // of the forms a part can take: units of a bare number, ends of ne

    /// <summary>Null, and a fault, when it does not read.</summary>
    public async ValueTask<SearchExpression?> ReadAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        if (parameters.Composite(param) is not { } form)
        {
            faults.Unknown(given, $"'{param.Code}' of {param.Type} is defined over parameters that {param.Type} does not have.");
            return null;
        }

        if (key.Modifier == "missing")
            return Missing(form, given, value);
        if (key.Modifier is not null)
        {
            faults.Unknown(given, $"The modifier ':{key.Modifier}' is not supported on '{param.Code}' (composite); it takes :missing.");
            return null;
        }

        var terms = new List<SearchExpression>();
        foreach (var text in SearchText.Split(value, ','))
        {
            if (await OneAsync(form, given, text, ct) is not { } term)
                return null;
            terms.Add(term);
        }

        return ValueCriteria.AnyOf(terms);
    }

    private async ValueTask<SearchExpression?> OneAsync(CompositeForm form, string given, string text, CancellationToken ct)
    {
        var parts = SearchText.Split(text, '$');
        if (parts.Count != form.Components.Count)
        {
            faults.BadValue(given, $"'{text}' is no value for '{given}': it takes {form.Components.Count} parts joined by '$', {string.Join('$', form.Components.Select(c => c.Code))}.");
            return null;
        }

        // R4 calls DocumentReference.relationship a "combination of relation and relatesTo" and defines it the other way round: either is understood.
        if (form.Components is [{ Kind: SearchParamType.Reference }, { Kind: SearchParamType.Token }] && !parts[0].Contains('/', StringComparison.Ordinal)
            && parts[1].Contains('/', StringComparison.Ordinal))
            parts.Reverse();

        var terms = new List<SearchExpression>();
        if (form.Whole is { } whole)
        {
            if (await AllAsync(whole, parts, given, ct) is not { } all)
                return null;
            terms.Add(new SearchExpression.And(all));
        }

        if (form.Rows is { } rows)
        {
            var repetition = form.Layout == CompositeLayout.TwoIntegers
                ? await TwoIntegersAsync(form, rows, parts, given, ct)
                : await AllAsync(form.Components, parts, given, ct) is [var first, var second]
                    ? form.Components[0].Kind == SearchParamType.Token ? Pair(rows, first, second, given) : Pair(rows, second, first, given)
                    : null;
            if (repetition is null)
                return null;
            terms.Add(repetition);
        }

        return ValueCriteria.AnyOf(terms);
    }

    private async ValueTask<List<SearchExpression>?> AllAsync(IReadOnlyList<SearchParam> components, List<string> parts, string given, CancellationToken ct)
    {
        var all = new List<SearchExpression>(parts.Count);
        foreach (var (component, part) in components.Zip(parts))
        {
            if (component.Kind == SearchParamType.Reference)
            {
                var (targets, fault) = await references.TargetsAsync(component, null, SearchText.Unescape(part), ct);
                if (fault is not null)
                {
                    faults.BadValue(given, fault);
                    return null;
                }

                all.Add(new SearchExpression.Reference(component, targets));
                continue;
            }

            if (values.One(component, null, part, given) is not { } term)
            {
                faults.BadValue(given, $"'{part}' is no value for the part '{component.Code}' of '{given}'. {ValueCriteria.Expected(component.Kind)}");
                return null;
            }

            all.Add(term);
        }

        return all;
    }

    /// <summary>The repetitions whose rows hold both.</summary>
    private SearchExpression? Pair(SearchParam rows, SearchExpression first, SearchExpression second, string given)
    {
        var terms = new List<SearchExpression>();
        foreach (var token in Leaves(first).Cast<SearchExpression.Token>())
        {
            var begin = new SearchExpression.Composite(rows, token.Hash, token.System);
            foreach (var leaf in Leaves(second))
                switch (leaf)
                {
                    case SearchExpression.Token t:
                        terms.Add(Exactly(begin with { Units = t.System is { } system ? [system] : null }, t.Hash));
                        break;
                    case SearchExpression.Quantity q:
                        terms.Add(begin with { Units = q.Units, Low = q.Low, LowInclusive = q.LowInclusive, High = q.High, HighInclusive = q.HighInclusive });
                        break;
                    case SearchExpression.Reference r:
                        terms.AddRange(r.Targets.Select(target => Exactly(begin, target)));
                        break;
                    default:
                        throw new NotSupportedException($"{leaf.GetType().Name} stands in no composite row.");
                }
        }

        if (terms.Count <= MaxCombinations)
            return ValueCriteria.AnyOf(terms);
        faults.Refuse("too-costly", given, $"The value of '{given}' can be read in {terms.Count} ways: name types and systems.");
        return null;
    }

    private static SearchExpression.Composite Exactly(SearchExpression.Composite begin, long? number)
    {
        var hex = number is { } n ? CompositeRow.Hex(n) : null;
        return begin with { Low = hex, LowInclusive = true, High = hex, HighInclusive = true };
    }

    private async ValueTask<SearchExpression?> TwoIntegersAsync(CompositeForm form, SearchParam rows, List<string> parts, string given, CancellationToken ct)
    {
        var numbers = new List<List<(int Low, int High)>>();
        foreach (var (component, part) in form.Components.Zip(parts).TakeLast(2))
        {
            if (NumberCriterion.Parse(part) is not { } number)
            {
                faults.BadValue(given, $"'{part}' is no value for the part '{component.Code}' of '{given}'. {NumberCriterion.Expected}");
                return null;
            }

            numbers.Add([.. number.Intervals().Select(WholeNumbers).OfType<(int, int)>()]);
        }

        // What stands before the repetition stands once in the resource.
        if (await AllAsync([.. form.Components.SkipLast(2)], [.. parts.SkipLast(2)], given, ct) is not { } before)
            return null;
        var pairs = numbers[0].SelectMany(_ => numbers[1], (first, second) => (SearchExpression)new SearchExpression.IntegerPair(rows, first.Low, first.High, second.Low, second.High)).ToArray();
        return new SearchExpression.And([.. before, ValueCriteria.AnyOf(pairs)]);
    }

    private static (int Low, int High)? WholeNumbers(NumberInterval interval)
    {
        var low = interval.Low is { } l ? (interval.LowInclusive ? decimal.Ceiling(l) : decimal.Floor(l) + 1) : int.MinValue;
        var high = interval.High is { } h ? (interval.HighInclusive ? decimal.Floor(h) : decimal.Ceiling(h) - 1) : int.MaxValue;
        (low, high) = (Math.Max(low, int.MinValue), Math.Min(high, int.MaxValue));
        return low <= high ? ((int)low, (int)high) : null;
    }

    private static IEnumerable<SearchExpression> Leaves(SearchExpression term) => term is SearchExpression.Or or ? or.Terms.SelectMany(Leaves) : [term];

    /// <summary>A composite has a value where all parts of one have.</summary>
    private SearchExpression? Missing(CompositeForm form, string given, string value)
    {
        if (value is not ("true" or "false"))
        {
            faults.BadValue(given, $"':missing' takes true or false, not '{value}'.");
            return null;
        }

        var present = new List<SearchExpression>();
        if (form.Whole is { } whole)
            present.Add(new SearchExpression.And([.. whole.Select(c => new SearchExpression.Missing(c, false))]));
        if (form.Rows is { } rows)
            present.Add(form.Layout == CompositeLayout.TwoIntegers
                ? new SearchExpression.And([.. form.Components.SkipLast(2).Append(rows).Select(c => new SearchExpression.Missing(c, false))])
                : new SearchExpression.Missing(rows, false));
        return value == "true" ? new SearchExpression.Not(ValueCriteria.AnyOf(present)) : ValueCriteria.AnyOf(present);
    }
}
