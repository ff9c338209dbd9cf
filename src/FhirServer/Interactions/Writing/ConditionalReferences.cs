using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Replaces references such as <c>Patient?identifier=urn:mrn|12</c> in a transaction by the one resource they find.</summary>
/// <remarks>http.html#trules: zero or several matches fail the transaction. Resources written by the same transaction count.</remarks>
internal sealed class ConditionalReferences(ConditionResolver conditions, IResourceStore store, ResourceIndexer indexer, LocalAddress address)
{
    public async Task<FhirFault?> ResolveAsync(IReadOnlyList<WriteIntent> intents, Links links, Caller? caller, CancellationToken ct)
    {
        foreach (var intent in intents)
        {
            if (intent.IsDelete)
                continue;

            var uses = new List<ReferenceUse>();
            links.Rewrite(intent.Body, uses);
            foreach (var (reference, node) in uses)
            {
                var mark = reference.IndexOf('?', StringComparison.Ordinal);
                if (mark <= 0 || reference.Contains("://", StringComparison.Ordinal) || links.TryGet(reference, out _) || !ResourceTypes.Exists(reference[..mark]))
                    continue;

                var (key, fault) = await FindAsync(reference, mark, intents, links, caller!, ct);
                if (fault is not null)
                    return (fault with { Issues = [.. fault.Issues.Select(i => i with { Expression = NodePath.Of(intent.Body, node) })] }).InEntry(intent.Entry ?? 0);
                links.TryAdd(reference, key);
            }
        }

        return null;
    }

    private async Task<(ResourceKey Key, FhirFault? Fault)> FindAsync(
        string reference, int mark, IReadOnlyList<WriteIntent> intents, Links links, Caller caller, CancellationToken ct)
    {
        var type = reference[..mark];
        var condition = await conditions.ResolveAsync(type, QueryString.Parse(reference[(mark + 1)..]), caller, ct);
        if (condition.Fault is not null)
            return (default, condition.Fault);

        if (!RowMatcher.Understands(condition.Where!) && intents.Any(i => !i.IsDelete && i.Key.Type == type))
            return (default, FhirFault.Of(FaultKind.Invalid, $"The conditional reference {reference} cannot be compared with the {type} this transaction writes: "
                + "leave out :missing, _lastUpdated and chains, or refer to that entry by its fullUrl."));

        var writing = intents.Select(i => i.Key).ToHashSet();
        var found = condition.Matches.Select(m => m.Key).Where(k => !writing.Contains(k)).ToHashSet();
        var context = new IndexContext(store.Symbols, address) { Links = links };
        foreach (var intent in intents)
            if (!intent.IsDelete && intent.Key.Type == type && RowMatcher.Matches(condition.Where!, indexer.Index(intent.Body, context, 0), intent.Key.Id))
                found.Add(intent.Key);

        return found.Count == 1
            ? (found.Single(), null)
            : (default, FhirFault.Of(FaultKind.PreconditionFailed, found.Count == 0
                ? $"The conditional reference {reference} finds nothing."
                : $"The conditional reference {reference} finds {found.Count} resources; it must find one.", code: found.Count == 0 ? "not-found" : "multiple-matches"));
    }
}
