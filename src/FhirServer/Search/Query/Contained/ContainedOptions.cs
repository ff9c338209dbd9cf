namespace FhirEmr.FhirServer.Search.Query.Contained;

/// <summary>Whether a search looks inside resources, and which of the two it answers with (search.html#contained).</summary>
/// <param name="Inside"><c>_contained=true</c> or <c>both</c>.</param>
/// <param name="Outside"><c>_contained=false</c> (the default) or <c>both</c>.</param>
/// <param name="AnswersContained"><c>_containedType=contained</c>: the contained resources themselves instead of those around them.</param>
internal sealed record ContainedOptions(bool Inside, bool Outside, bool AnswersContained)
{
    public static bool IsOption(string name) => name is "_contained" or "_containedType";

    /// <summary>Null, and a fault, when the parameters do not read or do not go with the rest of the search.</summary>
    public static ContainedOptions? Read(
        SearchScope scope, IReadOnlyList<string> types, IReadOnlyList<KeyValuePair<string, string>> query, SearchFaults faults)
    {
        var (where, what) = ("false", "container");
        foreach (var (name, value) in query)
        {
            if (name == "_contained")
            {
                where = value;
                if (value is not ("false" or "true" or "both"))
                    faults.BadValue(name, $"'_contained' takes false, true or both, not '{value}'.");
            }
            else if (name == "_containedType")
            {
                what = value;
                if (value is not ("container" or "contained"))
                    faults.BadValue(name, $"'_containedType' takes container or contained, not '{value}'.");
            }
        }

        var options = new ContainedOptions(where != "false", where != "true", what == "contained");
        if (options.Inside && (types.Count != 1 || scope.Compartment is not null))
            faults.Refuse("not-supported", "_contained", "Contained resources are searched by one type at a time and outside of compartments, as in [base]/Medication?code=...&_contained=true.");
        if (options is { Inside: true, AnswersContained: true } && query.Any(p => (p.Key == "_total" && p.Value != "none") || p is { Key: "_summary", Value: "count" } or { Key: "_count", Value: "0" }))
            faults.Refuse("not-supported", "_containedType", "Contained resources are counted by the resources around them: ask for _containedType=container, or leave the total out.");
        return faults.Refusals.Count > 0 ? null : options;
    }
}
