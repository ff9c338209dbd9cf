using System.Globalization;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Unindexed;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The parameters that shape the answer: order, size, totals, includes, presentation.</summary>
internal sealed class ResultParser(string type, SearchParameters parameters, SearchLimits limits, SearchFaults faults)
{
    private const int MaxSortKeys = 8; // each is a join, and engines limit those

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

    /// <summary>False when the name is no result parameter. <paramref name="shown"/>: value for the self link; null when it was not applied.</summary>
    public bool TryTake(SearchKey key, string name, string value, out string? shown)
    {
        shown = null;
        switch (key.Code)
        {
            case "_include" or "_revinclude":
                if (new IncludeParser(parameters, faults).Parse(type, key, name, value) is { } include)
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
            case "_contained":
                if (value == "false")
                    shown = value;
                else
                    faults.Unknown(name, "Searching contained resources is not supported yet: '_contained' takes false only.");
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
            var code = descending ? part[1..] : part;
            if (parameters.Find(type, code) is not { IsSupported: true } param)
            {
                var near = parameters.Nearest(type, code);
                faults.BadValue(name, $"{type} cannot be sorted by '{code}': there is no such search parameter." + (near is null ? "" : $" Did you mean '{near}'?"));
                return false;
            }

            if (param.Code is OwnParameters.Text or OwnParameters.Content)
            {
                faults.BadValue(name, $"{type} cannot be sorted by '{code}': words have no order among resources.");
                return false;
            }

            if (param.Kind == SearchParamType.Reference)
            {
                faults.BadValue(name, $"{type} cannot be sorted by '{code}': a reference has no order.");
                return false;
            }

            if (!param.IsIndexed)
            {
                faults.Refuse("too-costly", name, UnindexedParameter.CannotYet(param, "put results in order"));
                return false;
            }

            if (sort.Count == MaxSortKeys)
            {
                faults.Refuse("too-costly", name, $"'_sort' takes {MaxSortKeys} parameters at most.");
                return false;
            }

            sort.Add(new(param, descending));
        }

        return true;
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
