using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Turns what a request asks for into one commit: gather the current state, decide everything, commit once.</summary>
/// <remarks>
/// One attempt. Versions are checked again by the store inside the transaction; when someone was faster the answer is
/// <see cref="WriteResult.Stale"/> and the caller decides again on fresh data.
/// </remarks>
internal sealed class ResourceWriter(IResourceStore store, ResourceIndexer indexer, BodyCodec codec, LocalAddress address, RecordRules rules, TimeProvider clock)
{
    public async Task<WriteResult> WriteAsync(IReadOnlyList<WriteIntent> intents, Links links, Caller caller, CancellationToken ct)
    {
        var drafts = new Draft[intents.Count];
        var stated = new List<ResourceKey>();
        for (var i = 0; i < intents.Count; i++)
        {
            drafts[i] = new Draft(intents[i]);
            if (!intents[i].IsNewId)
                stated.Add(intents[i].Key);
        }

        if (stated.Count > 0)
        {
            var states = await store.LookUpAsync(stated, withBodies: true, caller.Access, ct);
            var next = 0;
            foreach (var draft in drafts)
                if (!draft.Intent.IsNewId)
                    draft.Current = states[next++];
        }

        foreach (var draft in drafts)
            if ((Refusal(draft) ?? ForgedContent(draft)) is { } fault)
                return Refuse(draft.Intent, fault);

        var context = new IndexContext(store.Symbols, address) { Links = links };
        foreach (var draft in drafts)
            if (!draft.Intent.IsDelete)
                draft.Rewrites = links.Rewrite(draft.Intent.Body, draft.References);

        var plan = new CommitPlan();
        if (await ResolveReferencesAsync(drafts, context, plan, caller, ct) is { } broken)
            return broken;

        Decide(drafts, context, plan);
        context.AddTo(plan);
        if (plan.Writes.Count > 0 || plan.Preconditions.Count > 0)
        {
            // Once the store has the plan a departing client no longer matters: the commit runs to its end.
            if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
                return new WriteResult.Stale(stale.What);
        }

        return new WriteResult.Done([.. drafts.Select(d => d.Outcome!)]);
    }

    private static FhirFault? Refusal(Draft draft)
    {
        var (intent, current) = (draft.Intent, draft.Current);
        if (intent.IfMatch is { } wanted && (!current.Exists || current.Version != wanted))
            return current.Exists || current.Version > 0
                ? FhirFault.VersionMismatch(intent.Key, wanted, current.Version)
                : FhirFault.Of(FaultKind.PreconditionFailed, $"If-Match asks for version {wanted}, but {intent.Key} does not exist.", code: "conflict");
        if (intent.MustNotExist && current.Exists)
            return FhirFault.Of(FaultKind.PreconditionFailed, $"If-None-Match: * asks that {intent.Key} does not exist, but it does.", code: "duplicate");
        return null;
    }

    /// <summary>A Binary may point to content only with a pointer of this store's own making.</summary>
    private FhirFault? ForgedContent(Draft draft) =>
        draft.Intent is { IsDelete: false, Key.Type: "Binary" } && ContentPointer.Of(draft.Intent.Body) is { } pointer && !ContentSeal.IsGenuine(store.Symbols, pointer)
            ? FhirFault.Of(FaultKind.Unprocessable, "The extension urn:fhiremr:binary-content is the server's own: send the data itself.", "Binary.data")
            : null;

    private async Task<WriteResult?> ResolveReferencesAsync(Draft[] drafts, IndexContext context, CommitPlan plan, Caller caller, CancellationToken ct)
    {
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
                            return Refuse(draft.Intent, Broken(draft, use, $"{key} is deleted by this same request."));
                    }
                    else if (!draft.HadReference(key) && wanted.GetValueOrDefault(key).Draft is null)
                    {
                        wanted[key] = (draft, use);
                    }
                }
                else if (Unusable(text) is { } fault)
                {
                    return Refuse(draft.Intent, Broken(draft, use, fault));
                }
            }
        }

        if (wanted.Count == 0)
            return null;

        var keys = wanted.Keys.ToArray();
        var states = await store.LookUpAsync(keys, withBodies: false, caller.Access, ct);
        for (var i = 0; i < keys.Length; i++)
        {
            if (states[i].IsKnown)
                context.Know(keys[i], states[i].Sid);
            var (draft, use) = wanted[keys[i]];
            if (states[i].Exists || draft is null)
                continue;
            if (!rules.RequireReferenceTargets)
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
                return Refuse(draft.Intent, Broken(draft, use, states[i].IsDeleted
                    ? $"{keys[i]} was deleted."
                    : $"{keys[i]} does not exist here: write it first, or in the same transaction."));
            }
        }

        return null;
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

    private void Decide(Draft[] drafts, IndexContext context, CommitPlan plan)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var draft in drafts)
        {
            var (intent, current) = (draft.Intent, draft.Current);
            if (intent.Precondition is { } precondition)
                plan.Preconditions.Add(precondition);

            if (intent.IsDelete && !current.Exists)
            {
                draft.Outcome = new(WriteKind.AlreadyGone, null);
                continue;
            }

            // Within a resource lastUpdated only ever grows, even when the clock goes back.
            var updated = Math.Max(now, current.LastUpdated + (current.Version > 0 ? 1 : 0));
            var instant = FhirInstant.FromMilliseconds(updated);
            var json = Array.Empty<byte>();
            var rows = new IndexRows();
            if (!intent.IsDelete)
            {
                if (current.Exists && IsSame(draft))
                {
                    draft.Outcome = new(WriteKind.Unchanged, draft.CurrentResource());
                    continue;
                }

                json = JsonSplicer.Splice(intent.Body, intent.Key.Id, current.Version + 1, instant, draft.Rewrites);
                if (intent.Key.Type == "Binary" && ContentPointer.Of(intent.Body) is { } content)
                    plan.Contents.Add(new ContentWrite.Refer(content.Content));

                // What is indexed is what is stored: the same rows come out again when the next version takes them away.
                var indexed = draft.Rewrites.Count == 0 ? intent.Body : FhirJsonReader.Read(json, out _)!.Root;
                rows = indexer.Index(indexed, context, draft.Sid);
            }

            plan.Writes.Add(new ResourceWrite
            {
                Sid = draft.Sid,
                Key = intent.Key,
                ExpectedVersion = current.Version,
                LastUpdated = updated,
                IsDeleted = intent.IsDelete,
                Method = intent.Method,
                Body = intent.IsDelete ? [] : codec.Compress(json),
                Owner = rows.Owners.Count > 0 ? rows.Owners[0] : 0,
                Add = rows,
                Remove = draft.OldTree is { } old ? indexer.Index(old.Root, context, draft.Sid) : null,
            });
            draft.Outcome = new(
                intent.IsDelete ? WriteKind.Deleted : current.Exists ? WriteKind.Updated : WriteKind.Created,
                new StoredResource(draft.Sid, intent.Key, current.Version + 1, instant, intent.IsDelete, intent.Method, json));
        }
    }

    /// <summary>Whether the content, with the current id and meta in place, is byte for byte what is stored.</summary>
    private static bool IsSame(Draft draft) => draft.Current.Json.Span.SequenceEqual(JsonSplicer.Splice(draft.Intent.Body, draft.Intent.Key.Id,
        draft.Current.Version, FhirInstant.FromMilliseconds(draft.Current.LastUpdated), draft.Rewrites));

    private static WriteResult.Refused Refuse(WriteIntent intent, FhirFault fault) =>
        new(intent.Entry is { } entry ? fault.InEntry(entry) : fault);

    /// <summary>One intent on its way to a write.</summary>
    private sealed class Draft(WriteIntent intent)
    {
        private HashSet<ResourceKey>? oldReferences;

        public WriteIntent Intent { get; } = intent;

        public CurrentState Current { get; set; }

        public long Sid { get; set; }

        public IReadOnlyList<TextRewrite> Rewrites { get; set; } = [];

        public List<ReferenceUse> References { get; } = [];

        public ResourceTree? OldTree { get; private set; }

        public WriteOutcome? Outcome { get; set; }

        public bool HadReference(ResourceKey key) => oldReferences?.Contains(key) == true;

        public void OldReferences(LocalAddress address, Action<ResourceKey> found)
        {
            if (!Current.Exists)
                return;

            OldTree = FhirJsonReader.Read(Current.Json, out _)
                ?? throw new InvalidDataException($"The stored body of {Intent.Key} cannot be read; run the doctor.");
            var uses = new List<ReferenceUse>();
            Links.None.Rewrite(OldTree.Root, uses);
            oldReferences = [];
            foreach (var use in uses)
                if (address.TryGetKey(use.Reference, out var key) && oldReferences.Add(key))
                    found(key);
        }

        public StoredResource CurrentResource() => new(Current.Sid, Intent.Key, Current.Version,
            FhirInstant.FromMilliseconds(Current.LastUpdated), false, "PUT", Current.Json);
    }
}
