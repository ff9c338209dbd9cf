using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Unindexed;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The parameters that shape the answer: order, size, totals, includes, presentation.</summary>
/// <param name="types">The types searched; empty for every type.</param>
internal sealed class ResultParser(IReadOnlyList<string> types, SearchParameters parameters, SearchLimits limits, SearchFaults faults)
{
    private const int MaxSortKeys = 5; // each is a join, and engines limit those
    private const int MaxIncludes = 20;

    private readonly List<SortKey> sort = [];
    private readonly List<Include> includes = [];
    private int count = limits.DefaultCount;
    private TotalMode total = TotalMode.None;

    public ResultControls Controls { get; private set; } = ResultControls.None;

    public SearchQuery Apply(SearchQuery query)
    {
        var onlyCount = Controls.Summary == "count" || count == 0;
        return query with
        {
            Sort = sort,
            Includes = includes,
            Count = onlyCount ? 0 : count,
            Total = onlyCount ? TotalMode.Accurate : total,
        };
    }

    /// <summary>What can be told when every parameter has been read: an include may bring something with an element that no match has.</summary>
    public void Finish()
    {
        foreach (var element in Controls.Elements)
            if (TopElements.Fault(element, includes.Count > 0 ? [] : types) is { } unknown)
                faults.BadValue("_elements", unknown);
    }

    /// <summary>False when the name is no result parameter. <paramref name="shown"/>: value for the self link; null when it was not applied.</summary>
    public bool TryTake(SearchKey key, string name, string value, out string? shown)
    {
        shown = null;
        switch (key.Code)
        {
            case "_include" or "_revinclude":
                if (includes.Count == MaxIncludes)
                {
                    faults.Refuse("invalid", name, $"A search takes {MaxIncludes} includes at most; a wildcard such as _include=* counts as one.");
                }
                else if (new IncludeParser(parameters, faults).Parse(types, key, name, value) is { } include)
                {
                    includes.Add(include);
                    shown = value;
                }

                return true;
            case "_sort":
                shown = Sort(name, value) ? value : null;
                return true;
            case "_count":
                shown = Count(name, value);
                return true;
            case "_total":
                shown = OneOf(name, value, "none", "estimate", "accurate");
                total = shown switch { "accurate" => TotalMode.Accurate, "estimate" => TotalMode.Estimate, _ => TotalMode.None };
                return true;
            case "_summary":
                shown = OneOf(name, value, "true", "text", "data", "count", "false");
                Controls = Controls with { Summary = shown };
                return true;
            case "_elements":
                Controls = Controls with { Elements = [.. Controls.Elements, .. value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] };
                shown = value;
                return true;
            case "_format":
                Controls = Controls with { Format = value };
                shown = value;
                return true;
            case "_pretty":
                shown = OneOf(name, value, "true", "false");
                Controls = Controls with { Pretty = shown == "true" };
                return true;
            default:
                return false;
        }
    }

    private bool Sort(string name, string value)
    {
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            var descending = part.StartsWith('-');
            if (SortParam(name, descending ? part[1..] : part) is not { } found)
                return false;
            if (sort.Count == MaxSortKeys)
            {
                faults.Refuse("invalid", name, $"'_sort' takes {MaxSortKeys} parameters at most.");
                return false;
            }

            sort.Add(new(found[0], descending) { Numbers = [.. found.Select(p => p.Number)] });
        }

        return true;
    }

    /// <summary>The parameter, once for each type searched; null, and a fault, when they cannot be sorted by it.</summary>
    private SearchParam[]? SortParam(string name, string code)
    {
        var all = types.Count == 0 && code is not ("_id" or "_lastUpdated") ? ResourceTypes.All : types.Count == 0 ? ["Patient"] : types;
        var found = new List<SearchParam>(all.Count);
        foreach (var type in all)
        {
            if (parameters.Find(type, code) is not { } param || (!param.IsSupported && param.Kind is not (SearchParamType.Composite or SearchParamType.Special)))
            {
                var near = parameters.Nearest(type, code);
                faults.BadValue(name, $"{type} cannot be sorted by '{code}': there is no such search parameter." + (near is null ? "" : $" Did you mean '{near}'?"));
                return null;
            }

            if (param.Kind is SearchParamType.Composite or SearchParamType.Special || (found.Count > 0 && found[0].Kind != param.Kind))
            {
                faults.BadValue(name, param.Kind is SearchParamType.Composite or SearchParamType.Special
                    ? $"{type} cannot be sorted by '{code}': a {param.Kind.ToString().ToLowerInvariant()} parameter has no order. Sort by one of its parts."
                    : $"'{code}' is a {found[0].Kind.ToString().ToLowerInvariant()} of {found[0].Type} and a {param.Kind.ToString().ToLowerInvariant()} of {type}, which have no order in common.");
                return null;
            }

            if (param.Code is OwnParameters.Text or OwnParameters.Content)
            {
                faults.BadValue(name, $"{type} cannot be sorted by '{code}': words have no order among resources.");
                return null;
            }

            if (!param.IsIndexed)
            {
                faults.Refuse("too-costly", name, UnindexedParameter.CannotYet(param, "put results in order"));
                return null;
            }

            found.Add(param);
        }

        return [.. found];
    }

    private string? Count(string name, string value)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
        {
            faults.BadValue(name, $"'_count' is a whole number from 0 to {limits.MaxCount}, not '{value}'.");
            return null;
        }

        count = Math.Min(asked, limits.MaxCount);
        return count.ToString(CultureInfo.InvariantCulture);
    }

    private string? OneOf(string name, string value, params string[] allowed)
    {
        if (allowed.Contains(value))
            return value;
        faults.BadValue(name, $"'{name}' takes {string.Join(", ", allowed)}, not '{value}'.");
        return null;
    }
}
