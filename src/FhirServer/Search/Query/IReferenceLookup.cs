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
}
