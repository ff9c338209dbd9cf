using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>What else a deletion takes along, or why it is refused: current resources refer to its target.</summary>
/// <remarks>
/// Counted over every Reference element, those in extensions and contained resources included. Resources that the same request writes are
/// left out: whether they still refer to the target is checked on their new content.
/// </remarks>
internal sealed class DeleteRules(IResourceStore store, RecordRules rules, LocalAddress address)
{
    /// <summary>Referring resources that a refusal names.</summary>
    public const int MostNamed = 20;

    public bool IsGuarded => rules.OnDeleteReferenced != OnDeleteReferenced.Ignore;

    /// <summary>Further deletions for a cascade, or the refusal.</summary>
    public async Task<(IReadOnlyList<WriteIntent> More, FhirFault? Fault)> ExpandAsync(IReadOnlyList<WriteIntent> intents, AccessPlan access, CancellationToken ct)
    {
        var stated = intents.Where(i => !i.IsNewId).ToArray();
        var states = await store.LookUpAsync([.. stated.Select(i => i.Key)], withBodies: false, SystemPlans.Writing, ct);
        var written = states.Where(s => s.IsKnown).Select(s => s.Sid).ToList();
        var deleted = stated.Zip(states).Where(p => p.First.IsDelete && p.Second.Exists).ToArray();
        foreach (var (intent, state) in deleted)
        {
            if (intent.Cascade || rules.OnDeleteReferenced == OnDeleteReferenced.Cascade)
                continue;
            var referrers = await store.ReferrersAsync([state.Sid], written, MostNamed, SystemPlans.Writing, ct);
            if (referrers.Total > 0 && await IsSeenAsync(state.Sid, access, ct))
            {
                var fault = await BlockedAsync(intent.Key, state.Sid, written, referrers, access, ct);
                return ([], intent.Entry is { } entry ? fault.InEntry(entry) : fault);
            }
        }

        var first = deleted.Where(d => d.First.Cascade || rules.OnDeleteReferenced == OnDeleteReferenced.Cascade).Select(d => d.Second.Sid).ToArray();
        if (first.Length == 0)
            return ([], null);
        var (closure, isCut) = await ClosureAsync(first, written, rules.MaxCascade, SystemPlans.Writing, ct);
        return isCut
            ? ([], FhirFault.Of(FaultKind.TooCostly, $"The cascade would delete more than {rules.MaxCascade} resources. Delete some of them first, or raise Records:MaxCascade."))
            : ([.. closure.Select(r => new WriteIntent(r.Key, "DELETE") { IfMatch = r.Version })], null);
    }

    /// <summary>Everything that refers to the targets, and to that, and so on.</summary>
    public async Task<(IReadOnlyList<Referrer> Found, bool IsCut)> ClosureAsync(
        IReadOnlyList<long> targets, IReadOnlyList<long> except, int most, AccessPlan access, CancellationToken ct)
    {
        var found = new List<Referrer>();
        var seen = new List<long>(except.Union(targets));
        for (var next = targets; next.Count > 0;)
        {
            var page = await store.ReferrersAsync(next, seen, most - found.Count + 1, access, ct);
            found.AddRange(page.Some);
            if (found.Count > most)
                return (found[..most], true);
            next = [.. page.Some.Select(r => r.Sid)];
            seen.AddRange(next);
        }

        return (found, false);
    }

    /// <summary>What is hidden is not deleted in the first place, and so not blocked either.</summary>
    private async Task<bool> IsSeenAsync(long sid, AccessPlan access, CancellationToken ct) =>
        access.IsEverything || (await store.ReachableAsync([sid], Interaction.Delete, access, ct)).Count > 0;

    private async Task<FhirFault> BlockedAsync(ResourceKey key, long sid, List<long> written, Referrers referrers, AccessPlan access, CancellationToken ct)
    {
        // Who does not see all of them is named those that are seen, and told no number.
        if (!access.IsEverything)
            referrers = await store.ReferrersAsync([sid], written, MostNamed, access, ct);
        var remedy = rules.AllowCascade ? ", or delete them with it by ?_cascade=delete." : ".";
        var count = access.IsEverything
            ? $"{referrers.Total} current resource{(referrers.Total == 1 ? " refers" : "s refer")} to it ({string.Join(", ", referrers.Counts.Select(c => $"{c.Count} {c.Type}"))})"
            : "current resources refer to it";
        var issues = new List<FaultIssue>
        {
            new("conflict", $"{key} cannot be deleted: {count}. Change or delete them first, in the same transaction if need be{remedy}"),
        };
        var states = await store.LookUpAsync([.. referrers.Some.Select(r => r.Key)], withBodies: true, access, ct);
        foreach (var (referrer, state) in referrers.Some.Zip(states))
        {
            var path = state.Exists ? PathOf(state.Json, key) : null;
            issues.Add(new("conflict", $"{referrer.Key} refers to it{(path is null ? "." : $" at {path}.")}", path));
        }

        return new(FaultKind.Conflict, issues);
    }

    /// <summary>FHIRPath of the first Reference that names the resource.</summary>
    public string? PathOf(ReadOnlyMemory<byte> json, ResourceKey target)
    {
        if (FhirJsonReader.Read(json, out _) is not { } tree)
            return null;
        var uses = new List<ReferenceUse>();
        Links.None.Rewrite(tree.Root, uses);
        foreach (var use in uses)
            if (address.TryGetKey(use.Reference, out var key) && key == target)
                return NodePath.Of(tree.Root, use.NodeIndex);
        return null;
    }
}
