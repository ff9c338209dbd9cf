using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The record at one moment, as far as includes ask for it: now, or at an instant of the past.</summary>
internal interface IRecordState
{
    /// <summary>Surrogate key and type of the resources of a type that there are, by logical id.</summary>
    ValueTask<List<(long Sid, string Type)>> ByIdAsync(string type, IEnumerable<string> ids, CancellationToken ct);

    /// <summary>Those that refer to any of these targets in the way of the include, in the order of their keys; at most so many.</summary>
    ValueTask<List<(long Sid, string Type)>> ReferringAsync(Include include, IReadOnlyList<long> targets, int limit, CancellationToken ct);

    /// <summary>Surrogate keys of definitions of a type by canonical URL.</summary>
    /// <param name="url">The type's parameter for it.</param>
    ValueTask<List<long>> ByUrlAsync(SearchParam url, IReadOnlyList<string> urls, CancellationToken ct);

    /// <summary>Those that there are, with their content, in the order of their keys, as far as they fit.</summary>
    ValueTask<Fitting> BySidAsync(IEnumerable<long> sids, PageBudget budget, CancellationToken ct);
}
