using System.Collections.Frozen;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>One way in to resources of one type: these interactions, on those that match, without those elements.</summary>
/// <param name="Where">Which resources; null means all of the type.</param>
internal sealed record Grant(Interaction Interactions, SearchExpression? Where = null)
{
    public static Grant Everything { get; } = new(Interaction.All);

    /// <summary>Names of elements at the top of the resource that are left out of answers and can be neither searched nor sorted on.</summary>
    public FrozenSet<string> Masked { get; init; } = [];
}
