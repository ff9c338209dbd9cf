using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The record as it was at an instant.</summary>
internal interface IPast
{
    /// <summary>The instant to answer for: the one asked for, or the latest before it of which nothing can change any more.</summary>
    Task<DateTimeOffset> SettleAsync(DateTimeOffset asked, CancellationToken ct);

    /// <summary>The version that was current then, a deletion among them; null when there was none yet.</summary>
    Task<StoredResource?> ReadAsync(ResourceKey key, DateTimeOffset instant, AccessPlan access, CancellationToken ct);

    /// <summary>Reads searches as they were meant then: hierarchies, value sets, code systems and "now" are those of the instant.</summary>
    SearchParser ParserAt(DateTimeOffset instant, AccessPlan access);

    /// <summary>What the search would have answered then.</summary>
    /// <exception cref="Storage.Scan.SearchTooCostlyException">Too much changed since.</exception>
    Task<SearchPage> SearchAsync(SearchQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct);

    /// <summary>One page of a compartment as it was: of one resource, or of all patients.</summary>
    /// <exception cref="Storage.Scan.SearchTooCostlyException">Too much changed since.</exception>
    Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct);

    /// <summary>
    /// The condition for current versions that were current then, too, in an open snapshot: what their chains lead to is as it was. Who asks has bounded it already.
    /// </summary>
    ValueTask<SearchExpression> StableAsync(IReadSession session, SearchExpression where, DateTimeOffset instant, AccessPlan access, CancellationToken ct);

    /// <summary>Those of some versions that stood then, in an open snapshot, which matched.</summary>
    /// <param name="where">Null for any.</param>
    /// <param name="owned">Only what belonged to some patient.</param>
    Task<IReadOnlyList<StoredResource>> MatchingAsync(
        IReadSession session, IReadOnlyList<StoredResource> versions, SearchExpression? where, bool owned, DateTimeOffset instant, AccessPlan access, CancellationToken ct);
}
