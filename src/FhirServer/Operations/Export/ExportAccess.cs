using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>What a caller may export: what both their right to export and their right to search reach (security.md S-39).</summary>
internal static class ExportAccess
{
    /// <summary>Whether any of the type may be exported. Which Binary may be seen is decided one by one, so it takes the right to all of them.</summary>
    public static bool Allows(AccessPlan access, string type) => access.IsEverything
        || (access.Of(type).Allows(Interaction.Export) && (type == AccessPlan.Binary ? access.SeesAll(type, Interaction.Read) : access.Of(type).Allows(Interaction.Search)));

    /// <summary>The plan that an export reads under: to search under it is to export.</summary>
    public static AccessPlan Of(AccessPlan access) => access.IsEverything ? access : new(
        access.Key, ResourceTypes.All.Where(t => access.Of(t).Grants.Count > 0).ToDictionary(t => t, t => Of(access, t)), [])
    { Creator = access.Creator };

    private static TypeAccess Of(AccessPlan access, string type)
    {
        var of = access.Of(type);
        if (!Allows(access, type))
            return of; // it is not exported, but a condition may lead through it
        SearchExpression?[] both = [of.Where(Interaction.Export), type == AccessPlan.Binary ? null : of.Where(Interaction.Search)];
        return new([new Grant(Interaction.All, both.OfType<SearchExpression>().Distinct(ReferenceEqualityComparer.Instance).Cast<SearchExpression>().ToArray() switch
        {
            [] => null,
            [var only] => only,
            var all => new SearchExpression.And(all),
        }) { Masked = [.. of.Masked(Interaction.Export), .. of.Masked(Interaction.Search)] }]);
    }
}
