using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The record as it was at an instant.</summary>
internal interface IPast
{
    /// <summary>The version that was current then, a deletion among them; null when there was none yet.</summary>
    Task<StoredResource?> ReadAsync(ResourceKey key, DateTimeOffset instant, AccessPlan access, CancellationToken ct);

    /// <summary>What the search would have answered then, or why it will not be answered.</summary>
    Task<(SearchPage? Page, FhirFault? Fault)> SearchAsync(SearchQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct);
}

/// <summary>Reads and searches with <c>_asOf</c>: versions of then, extracted again and compared in memory.</summary>
/// <remarks>
/// The index knows the present only, so every resource of the type that was there at the instant is looked at, and for a chain those of its
/// type, too: exact for every criterion, and refused as too costly beyond <see cref="MostResources"/>. What was purged is in no answer.
/// </remarks>
internal sealed class PastSearch(IResourceStore store, ResourceIndexer indexer, LocalAddress address) : IPast
{
    public const int MostResources = 20_000;

    public async Task<StoredResource?> ReadAsync(ResourceKey key, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        var page = await store.HistoryAsync(new(key.Type, key.Id, 1, null, instant, null) { Under = Interaction.Read }, access, ct);
        return page.Versions is [var found, ..] ? found : null;
    }

    public async Task<(SearchPage? Page, FhirFault? Fault)> SearchAsync(SearchQuery query, DateTimeOffset instant, AccessPlan access, CancellationToken ct)
    {
        if (query.Sort.Count > 0)
            return Refuse("A search with _asOf is sorted by creation only: leave _sort out.");
        if (query.Includes.Count > 0)
            return Refuse("A search with _asOf includes nothing: leave _include and _revinclude out, and read what the matches refer to with the same _asOf.");

        QueryBounds.Check(query, access); // what it filters, the history does
        var state = new PastState(store, indexer, address, instant, access);
        try
        {
            var matches = await state.MatchesAsync(query.Type, query.Where, ct);
            var rest = query.After is { } after ? matches.Where(m => m.Sid > after.Sid).ToList() : matches;
            var shown = rest.Take(query.Count).ToList();
            return (new(shown, [], matches.Count, rest.Count > shown.Count && shown.Count > 0 ? new([], shown[^1].Sid) : null), null);
        }
        catch (PastTooLargeException e)
        {
            return (null, FhirFault.Of(FaultKind.TooCostly,
                $"There were {(e.Type == query.Type ? "" : "in a chain ")}more than {MostResources} {e.Type} resources then: a search with _asOf looks at each of them. Read by id, or use the history of one resource."));
        }
    }

    private static (SearchPage?, FhirFault?) Refuse(string text) => (null, FhirFault.Of(FaultKind.NotSupported, text));
}

/// <summary>There were more resources of a type than a search of the past looks at.</summary>
internal sealed class PastTooLargeException(string type) : Exception($"Too many {type}.")
{
    public string Type { get; } = type;
}
