using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Replaces references such as <c>Patient?identifier=urn:mrn|12</c> in a transaction by the one resource they find.</summary>
/// <remarks>http.html#trules: zero or several matches fail the transaction. Resources written by the same transaction count.</remarks>
internal sealed class ConditionalReferences(ConditionResolver conditions)
{
    /// <param name="pending">What the transaction writes itself.</param>
    /// <param name="preconditions">Takes the searches made: they must give the same answer at the commit.</param>
    public async Task<FhirFault?> ResolveAsync(
        IReadOnlyList<WriteIntent> intents, Links links, PendingRows pending, List<Precondition> preconditions, Caller caller, CancellationToken ct)
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

                var (key, fault) = await FindAsync(reference, mark, intents, pending, preconditions, caller, ct);
                if (fault is not null)
                    return (fault with { Issues = [.. fault.Issues.Select(i => i with { Expression = NodePath.Of(intent.Body, node) })] }).InEntry(intent.Entry ?? 0);
                links.TryAdd(reference, key);
            }
        }

        return null;
    }

    private async Task<(ResourceKey Key, FhirFault? Fault)> FindAsync(
        string reference, int mark, IReadOnlyList<WriteIntent> intents, PendingRows pending, List<Precondition> preconditions, Caller caller, CancellationToken ct)
    {
        var type = reference[..mark];
        var condition = await conditions.ResolveAsync(type, QueryString.Parse(reference[(mark + 1)..]), caller, ct);
        if (condition.Fault is not null)
            return (default, condition.Fault);

        if (!RowMatcher.Understands(condition.Where!) && intents.Any(i => !i.IsDelete && i.Key.Type == type))
            return (default, FhirFault.Of(FaultKind.Invalid, $"The conditional reference {reference} cannot be compared with the {type} this transaction writes: "
                + "leave out _lastUpdated and chains, or refer to that entry by its fullUrl."));

        var writing = intents.Select(i => i.Key).ToHashSet();
        var found = condition.Matches.Select(m => m.Key).Where(k => !writing.Contains(k)).ToHashSet();
        if (intents.Any(i => !i.IsDelete && i.Key.Type == type))
            found.UnionWith((await pending.MatchingAsync(type, condition.Where!, ct)).Select(i => i.Key));
        preconditions.Add(condition.Precondition!);
        return found.Count == 1
            ? (found.Single(), null)
            : (default, FhirFault.Of(FaultKind.PreconditionFailed, found.Count == 0
                ? $"The conditional reference {reference} finds nothing."
                : $"The conditional reference {reference} finds {found.Count} resources; it must find one.", code: found.Count == 0 ? "not-found" : "multiple-matches"));
    }
}
