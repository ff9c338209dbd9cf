using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Whether a caller may write this: what stands there and what it becomes must both lie within the plan (security.md S-36, S-41).</summary>
/// <remarks>
/// A resource that the caller may not see is not there: deleting it does nothing, a condition does not find it. Only an update by id cannot be answered
/// so, since the id is taken; it is refused in the words of any other update outside the plan.
/// </remarks>
internal sealed class WriteRights(IResourceStore store)
{
    private const string LabelWrite = "label.write";

    /// <summary>Refuses writes to what lies outside the plan; takes away from deletions what the caller may not know of.</summary>
    /// <param name="asked">So many drafts the request asked for itself; those behind them a cascade takes along.</param>
    public async Task<WriteResult.Refused?> StoredAsync(Draft[] drafts, int asked, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything || drafts.All(d => access.SeesAll(d.Intent.Key.Type, InteractionOf(d))))
            return null;

        var reachable = new HashSet<long>();
        foreach (var group in drafts.Where(d => d.Current.Version > 0).GroupBy(InteractionOf))
            reachable.UnionWith(await store.ReachableAsync([.. group.Select(d => d.Current.Sid)], group.Key, access, ct));
        var closed = drafts.Where(d => d.Current.Version > 0 && !reachable.Contains(d.Current.Sid)).ToList();
        var seen = await store.ReachableAsync([.. closed.Where(d => d.Intent.IsDelete).Select(d => d.Current.Sid)], Interaction.Read, access, ct);
        for (var i = 0; i < drafts.Length; i++)
        {
            var draft = drafts[i];
            var isHidden = closed.Contains(draft);
            if (i >= asked && isHidden)
                return new(FhirFault.Of(FaultKind.Forbidden, "The cascade would take along what you may not delete."));
            if (access.Of(draft.Intent.Key.Type).Allows(InteractionOf(draft)) && !isHidden)
                continue;
            if (isHidden && draft.Intent.IsDelete && access.Of(draft.Intent.Key.Type).Allows(Interaction.Delete) && !seen.Contains(draft.Current.Sid))
                draft.Current = CurrentState.None;
            else
                return WriteResult.Refused.At(draft.Intent, Outside(draft));
        }

        return null;
    }

    /// <summary>Labels that an update leaves out stay; adding, changing or dropping them takes a right of its own.</summary>
    public static WriteResult.Refused? Labels(Draft draft, AccessPlan access)
    {
        if (draft.Intent.IsDelete)
            return null;
        var (had, sent) = (draft.Current.Exists ? SecurityLabels.Of(draft.Current.Json) : SecurityLabels.Of(default(FhirNode)), SecurityLabels.Of(draft.Intent.Body));
        if (sent.IsEmpty && !had.IsEmpty && draft.Intent.BasedOn is null)
            draft.KeptLabels = had.ToJson();
        else if (!access.Holds(LabelWrite) && !sent.IsSameAs(had))
            return WriteResult.Refused.At(draft.Intent, FhirFault.Of(FaultKind.Forbidden,
                $"Security labels are changed with the right {LabelWrite} only. Leave meta.security out: an update keeps what is there.", $"{draft.Intent.Key.Type}.meta.security"));
        return null;
    }

    /// <summary>What the caller cannot see, or may not write, stays as it is.</summary>
    public static WriteResult.Refused? Elements(Draft draft, AccessPlan access)
    {
        if (draft.Intent.IsDelete || !access.HasMasks)
            return null;
        var (type, to) = (draft.Intent.Key.Type, access.Of(draft.Intent.Key.Type));
        var closed = to.Masked(InteractionOf(draft)).Union(to.Masked(Interaction.Read));
        foreach (var element in draft.Current.Exists && to.Masked(Interaction.Read).Count > 0 ? closed.Append("text").Distinct() : closed)
            if (!IsSame(draft.OldTree?.Root ?? default, draft.Intent.Body, FhirNames.Id(element)))
                return WriteResult.Refused.At(draft.Intent, FhirFault.Of(FaultKind.Forbidden,
                    $"{type}.{element} is not yours to write, or to leave out where it stands. Change the rest with a PATCH.", $"{type}.{element}"));
        return null;
    }

    /// <summary>Refuses what would come to lie outside the plan.</summary>
    public async Task<WriteResult.Refused?> NewAsync(Draft[] drafts, CommitPlan plan, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything)
            return null;

        var written = drafts.Where(d => !d.Intent.IsDelete).ToDictionary(d => d.Sid);
        var states = plan.Writes.Where(w => written.ContainsKey(w.Sid) && !access.SeesAll(w.Key.Type, InteractionOf(written[w.Sid])))
            .Select(w => (State: new VersionState(w.Key, w.Sid, w.LastUpdated, w.Add), Interaction: InteractionOf(written[w.Sid]))).ToList();
        if (states.Count == 0)
            return null;

        // What the same request writes besides can stand at the end of a chain.
        var others = plan.Writes.Where(w => !w.IsDeleted && !states.Exists(s => s.State.Sid == w.Sid))
            .Select(w => (new VersionState(w.Key, w.Sid, w.LastUpdated, w.Add), InteractionOf(written[w.Sid])));
        var covered = await store.CoversAsync([.. states, .. others], access, ct);
        for (var i = 0; i < states.Count; i++)
        {
            var draft = written[states[i].State.Sid];
            if (!covered[i] || !await IsContextSeenAsync(draft, access, ct))
                return WriteResult.Refused.At(draft.Intent, Outside(draft));
        }

        return null;
    }

    public static Interaction InteractionOf(Draft draft) =>
        draft.Intent.IsDelete ? Interaction.Delete
        : draft.Intent.Method == "PATCH" ? Interaction.Patch
        : draft.Current.Exists ? Interaction.Update : Interaction.Create;

    /// <summary>A Binary is hung on something the caller may see, or on nothing.</summary>
    private async Task<bool> IsContextSeenAsync(Draft draft, AccessPlan access, CancellationToken ct) =>
        draft.Intent.Key.Type != AccessPlan.Binary || draft.Intent.Body.Child("securityContext") is not { Exists: true } context
        || (ResourceKey.TryParseRelative(context.TextOf("reference"), out var key, out _) && (await store.LookUpAsync([key], withBodies: false, access, ct))[0].Exists);

    private static FhirFault Outside(Draft draft) => FhirFault.Of(FaultKind.Forbidden,
        $"Your rights do not cover this {(draft.Intent.IsDelete ? "deletion" : "write")} of {(draft.Intent.IsNewId ? "a " + draft.Intent.Key.Type : draft.Intent.Key.ToString())}: both what is there and what it becomes must lie within them.");

    private static bool IsSame(FhirNode old, FhirNode now, int element)
    {
        var (before, after) = (Of(old, element), Of(now, element));
        return before.Count == after.Count && before.Zip(after).All(p => p.First.Type == p.Second.Type && p.First.Raw.SequenceEqual(p.Second.Raw));

        static List<FhirNode> Of(FhirNode resource, int element)
        {
            var found = new List<FhirNode>();
            if (resource.Exists)
                foreach (var child in resource.Children)
                    if (child.NameId == element)
                        found.Add(child);
            return found;
        }
    }
}
