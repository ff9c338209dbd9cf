using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The resource types that a search is about, from its address and <c>_type</c> (search.html#all).</summary>
internal static class SearchedTypes
{
    /// <summary>Empty for every type there is; null, and a fault, when the types do not go together.</summary>
    public static IReadOnlyList<string>? Of(
        SearchScope scope, IReadOnlyList<KeyValuePair<string, string>> query, SearchParameters parameters, SearchFaults faults)
    {
        IReadOnlyList<string>? types = scope.Type is { } one ? [one] : null;
        if (scope.Compartment is { } focus)
        {
            var members = Compartments.TypesIn(parameters, focus.Type);
            if (types is not null && !types.Any(members.Contains))
            {
                faults.Refuse("invalid", "_type", $"No {scope.Type} is ever in a {focus.Type} compartment; those hold {string.Join(", ", members)}.");
                return null;
            }

            types ??= members;
        }

        foreach (var (name, value) in query.Where(p => p.Key == "_type"))
        {
            var asked = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (asked.Length == 0)
                faults.BadValue(name, "'_type' has no value. Name resource types, as in _type=Observation,Condition.");
            foreach (var wrong in asked.Where(t => !ResourceTypes.Exists(t)))
            {
                var near = NearestName.Of(wrong, ResourceTypes.All);
                faults.BadValue(name, $"'{wrong}' is not a resource type." + (near is null ? "" : $" Did you mean '{near}'?"));
            }

            if (types is not null && asked.Where(ResourceTypes.Exists).Except(types).ToArray() is { Length: > 0 } elsewhere)
                faults.BadValue(name, $"This search is about {string.Join(", ", types)}, so '_type' cannot add {string.Join(", ", elsewhere)}. "
                    + "Search several types at [base]?_type=...");
            types = [.. asked.Where(t => types?.Contains(t) ?? ResourceTypes.Exists(t)).Distinct()];
        }

        return faults.Refusals.Count > 0 ? null : types ?? [];
    }
}
