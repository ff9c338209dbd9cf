using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads <c>_include</c> and <c>_revinclude</c>: <c>Type:parameter[:Target]</c>, <c>Type:*</c>, or <c>*</c> (search.html#include).</summary>
internal sealed class IncludeParser(SearchParameters parameters, SearchFaults faults)
{
    /// <summary>Null, and a fault, when it does not read.</summary>
    /// <param name="types">The types searched; empty for every type.</param>
    public Include? Parse(IReadOnlyList<string> types, SearchKey key, string given, string value)
    {
        var isReverse = key.Code == "_revinclude";
        var iterate = key.Modifier is "iterate" or "recurse"; // STU3's word for it
        if (key.Modifier is not null && !iterate)
        {
            faults.Unknown(given, $"'{key.Code}' takes the modifier :iterate only.");
            return null;
        }

        // Whatever the source: of the matches for _include, any there is for _revinclude and for what iterates.
        if (value == "*")
            return new(types is [var one] && !isReverse && !iterate ? one : Include.AnyType, null, null, isReverse, iterate);
        if (value.Split(':') is not ([{ Length: > 0 }, { Length: > 0 }] or [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }]) || value.Split(':') is not [var source, var code, .. var rest])
        {
            faults.BadValue(given, $"'{value}' does not read: give Type:parameter or Type:parameter:Target, as in {key.Code}=Observation:subject.");
            return null;
        }

        var target = rest is [var only] ? only : null;
        foreach (var name in new[] { source, target })
            if (name is not null && !ResourceTypes.Exists(name))
            {
                var near = NearestName.Of(name, ResourceTypes.All);
                faults.BadValue(given, $"'{name}' is not a resource type." + (near is null ? "" : $" Did you mean '{near}'?"));
                return null;
            }

        if (!isReverse && !iterate && types.Count > 0 && !types.Contains(source))
        {
            faults.BadValue(given, $"This search finds {string.Join(", ", types)}, so '{value}' would follow nothing. Begin with {types[0]}, or use {key.Code}:iterate.");
            return null;
        }

        if (code == "*")
            return new(source, null, target, isReverse, iterate);
        return Reference(source, code, given) is { } param && CanPoint(param, types, target, isReverse, iterate, given)
            ? new(source, param, target, isReverse, iterate)
            : null;
    }

    private SearchParam? Reference(string source, string code, string given)
    {
        if (parameters.Find(source, code) is { Kind: SearchParamType.Reference, IsSupported: true } param)
            return param;

        var references = parameters.Of(source).Where(p => p is { Kind: SearchParamType.Reference, IsSupported: true }).Select(p => p.Code);
        var near = NearestName.Of(code, references);
        faults.BadValue(given, $"{source} has no reference parameter '{code}'." + (near is null ? "" : $" Did you mean '{near}'?"));
        return null;
    }

    private bool CanPoint(SearchParam param, IReadOnlyList<string> types, string? target, bool isReverse, bool iterate, string given)
    {
        IReadOnlyList<string> wanted = target is not null ? [target] : isReverse && !iterate ? types : [];
        if (wanted.Count == 0 || param.Targets.Count == 0 || wanted.Any(param.Targets.Contains))
            return true;
        faults.BadValue(given, $"'{param.Code}' of {param.Type} never refers to a {string.Join(" or ", wanted)}; it refers to {string.Join(", ", param.Targets)}.");
        return false;
    }
}
