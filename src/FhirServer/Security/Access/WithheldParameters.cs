using System.Collections.Frozen;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>Which search parameters read elements that a plan withholds: they can be neither searched nor sorted by, nor followed (security.md S-34).</summary>
/// <remarks>What cannot be told from the expression counts as reading everything.</remarks>
internal static class WithheldParameters
{
    private const string Contained = "contained";

    public static bool Touches(SearchParam param, AccessPlan access)
    {
        var withheld = access.Withheld(param.Type, Interaction.Search);
        if (param.IsContained)
            return withheld.Contains(Contained) || (param.Expression.Length > 0 && ReadsInside(param, access));
        return withheld.Count > 0 && Reads(param, withheld);
    }

    /// <summary>Codes of R4's reference parameters that read nothing withheld: all that a wildcard may follow from such a type.</summary>
    public static IReadOnlyList<string> OpenReferences(string type, AccessPlan access) =>
    [
        .. ModelInfo.SearchParameters.Where(p => p.Resource == type && p.Type == SearchParamType.Reference && p.Code is not null)
            .Select(p => new SearchParam(0, type, p.Code!, SearchParamType.Reference, p.Expression ?? "", [], "")).Where(p => !Touches(p, access)).Select(p => p.Code),
    ];

    private static bool Reads(SearchParam param, FrozenSet<string> withheld)
    {
        if (PathParser.Parse(param.Expression) is not { } branches)
            return true;
        var own = branches.Where(b => b.Root is null or "Resource" or "DomainResource" || b.Root == param.Type).ToList();
        return own.Count == 0 || own.Exists(b => ElementOf(b) is not { } element || withheld.Contains(element));
    }

    /// <summary>The values are those of a resource inside, which is shown with the masks of its own type.</summary>
    private static bool ReadsInside(SearchParam param, AccessPlan access) =>
        PathParser.Parse(param.Expression) is not { } branches || branches.Any(b => b.Root is null || !ResourceTypes.Exists(b.Root)
            ? access.HasMasks
            : access.Withheld(b.Root, Interaction.Search) is { Count: > 0 } inside && (ElementOf(b) is not { } element || inside.Contains(element)));

    private static string? ElementOf(PathBranch branch) => branch.Steps.OfType<PathStep.Child>().FirstOrDefault()?.Name;
}
