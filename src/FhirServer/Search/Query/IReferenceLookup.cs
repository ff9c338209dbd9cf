using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Turns the references that a search names into the numbers the index holds.</summary>
internal interface IReferenceLookup
{
    /// <summary>
    /// What the index may hold as target for it: surrogate keys of this server's resources, the negative hash of a foreign address.
    /// Empty when nothing can match.
    /// </summary>
    /// <param name="type">Resource type; null when only the id is known (any type) or an absolute URL is given.</param>
    /// <param name="idOrUrl">Logical id, or an absolute URL (http, https, urn) that is not on this server's base, version of a reference cut off.</param>
    ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct);

    /// <summary>Most resources that a hierarchy may come to.</summary>
    const int MaxClosure = 1000;

    /// <summary>
    /// These and all resources that refer to one of them through the parameter, directly or through others; or (<paramref name="above"/>) all
    /// that they refer to. Null when there are more than <see cref="MaxClosure"/>. Circles end.
    /// </summary>
    /// <param name="partOf">A reference from a type to itself, such as <c>Location.partof</c>.</param>
    ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct);
}
