using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Surrogate keys for what is written and what it refers to; refuses references to what is not there.</summary>
internal sealed class ReferenceTargets(IResourceStore store, LocalAddress address, RecordRules rules)
{
    /// <summary>Null when every reference can be stored; the plan then holds what must still stand at the commit.</summary>
    public async Task<WriteResult?> ResolveAsync(Draft[] drafts, IndexContext context, CommitPlan plan, Caller caller, bool mayCome, CancellationToken ct)
    {
        var isStrict = rules.RequireReferenceTargets && !mayCome;
        var first = store.ReserveSids(drafts.Count(d => !d.Current.IsKnown));
        var written = new Dictionary<ResourceKey, Draft>(drafts.Length);
        foreach (var draft in drafts)
        {
            draft.Sid = draft.Current.IsKnown ? draft.Current.Sid : first++;
            context.Know(draft.Intent.Key, draft.Sid);
            written[draft.Intent.Key] = draft;
        }

        // Old index rows are found by extracting the old body again: its references need their keys, too.
        var wanted = new Dictionary<ResourceKey, (Draft? Draft, ReferenceUse Use)>();
        foreach (var draft in drafts)
            draft.OldReferences(address, key => wanted.TryAdd(key, default));

        foreach (var draft in drafts)
        {
            foreach (var use in draft.References)
            {
                var text = use.Reference;
                if (text.Length == 0 || text[0] == '#')
                    continue;
                if (address.TryGetKey(text, out var key))
                {
                    if (written.TryGetValue(key, out var target))
                    {
                        if (target.Intent.IsDelete)
                            return WriteResult.Refused.At(draft.Intent, Broken(draft, use, $"{key} is deleted by this same request."));
                    }
                    else if (!draft.HadReference(key) && wanted.GetValueOrDefault(key).Draft is null)
                    {
                        wanted[key] = (draft, use);
                    }
                }
                else if (Unusable(text) is { } fault)
                {
                    return WriteResult.Refused.At(draft.Intent, Broken(draft, use, fault));
                }
            }
        }

        if (wanted.Count == 0)
            return null;

        var keys = wanted.Keys.ToArray();
        var states = await store.LookUpAsync(keys, withBodies: false, SystemPlans.References, ct);
        var hidden = await HiddenAsync(keys, states, wanted, caller.Access, ct);
        for (var i = 0; i < keys.Length; i++)
        {
            if (states[i].IsKnown)
                context.Know(keys[i], states[i].Sid);
            var (draft, use) = wanted[keys[i]];
            var isThere = states[i].Exists && !hidden.Contains(keys[i]);
            if (isThere && draft is not null && isStrict)
                plan.Targets.Add(states[i].Sid); // it must stand when the transaction runs, too
            if (isThere || draft is null || (states[i].Exists && !isStrict))
                continue;
            if (!isStrict)
            {
                // The target may come later: its key is reserved, so that what refers to it is found the moment it does.
                if (!states[i].IsKnown)
                {
                    var reserved = store.ReserveSids(1);
                    context.Know(keys[i], reserved);
                    plan.Anchors.Add((reserved, keys[i]));
                }
            }
            else
            {
                return WriteResult.Refused.At(draft.Intent, Broken(draft, use, states[i].IsDeleted && !hidden.Contains(keys[i])
                    ? $"{keys[i]} was deleted."
                    : $"{keys[i]} does not exist here: write it first, or in the same transaction."));
            }
        }

        return null;
    }

    /// <summary>
    /// New targets that the caller may not see: to refer to one is to refer to nothing, or the answer would tell that it is there. What the plan itself
    /// names, such as the patient whose record it opens, is known to the caller.
    /// </summary>
    private async Task<HashSet<ResourceKey>> HiddenAsync(
        ResourceKey[] keys, IReadOnlyList<CurrentState> states, Dictionary<ResourceKey, (Draft? Draft, ReferenceUse Use)> wanted, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything || keys.All(k => access.SeesAll(k.Type, Interaction.Read)))
            return [];
        var asked = keys.Zip(states).Where(p => p.Second.Version > 0 && wanted[p.First].Draft is not null && !access.Names(p.Second.Sid)).Select(p => p.First).ToArray();
        var seen = await store.LookUpAsync(asked, withBodies: false, access, ct);
        return [.. asked.Zip(seen).Where(p => !p.Second.IsKnown).Select(p => p.First)];
    }

    private static string? Unusable(string reference)
    {
        if (reference.StartsWith("urn:uuid:", StringComparison.Ordinal))
            return $"no entry of this request has the fullUrl {reference}.";
        if (reference.StartsWith("urn:", StringComparison.Ordinal) || reference.Contains("://", StringComparison.Ordinal))
            return null;
        if (reference.Contains('?', StringComparison.Ordinal))
            return "a conditional reference can be used inside a transaction only.";
        return "a reference is 'Type/id', an absolute URL, '#contained' or the fullUrl of an entry.";
    }

    private static FhirFault Broken(Draft draft, ReferenceUse use, string why)
    {
        var fault = FhirFault.Of(FaultKind.Unprocessable, $"Reference '{use.Reference}' cannot be stored: {why}",
            NodePath.Of(draft.Intent.Body, use.NodeIndex), "not-found");
        return fault;
    }
}
