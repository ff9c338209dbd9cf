using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Consents;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Turns what a request asks for into one commit: gather the current state, decide everything, commit once.</summary>
/// <remarks>
/// One attempt. Versions are checked again by the store inside the transaction; when someone was faster the answer is
/// <see cref="WriteResult.Stale"/> and the caller decides again on fresh data.
/// </remarks>
internal sealed class ResourceWriter(
    IResourceStore store, ResourceIndexer indexer, BodyCodec codec, LocalAddress address, RecordRules rules, WriteClock clock, ICustomParameters custom, WriteRights rights, OptOuts optOuts,
    WriteChecks checks, ConformanceResources conformance, CommitBell bell)
{
    private const string SearchParameterType = "SearchParameter";
    private const string ConsentType = "Consent";

    private readonly DeleteRules deletions = new(store, rules, address);
    private readonly ReferenceTargets references = new(store, address, rules);

    public Task<WriteResult> WriteAsync(IReadOnlyList<WriteIntent> intents, Links links, Caller caller, CancellationToken ct) =>
        WriteAsync(intents, links, caller, CommitTerms.None, ct);

    /// <param name="terms">What must hold, and what is kept, together with the writes.</param>
    public async Task<WriteResult> WriteAsync(IReadOnlyList<WriteIntent> intents, Links links, Caller caller, CommitTerms terms, CancellationToken ct)
    {
        // Until it has committed, what this write extracts by stays what every later reader reckons with.
        using var epoch = await custom.BeginWriteAsync(ct);
        var asked = intents.Count;
        var deletes = intents.Any(i => i.IsDelete);
        var mark = store.DeletionMark;
        if (deletes && deletions.IsGuarded)
        {
            var (more, fault) = await deletions.ExpandAsync(intents, caller.Access, ct);
            if (fault is not null)
                return new WriteResult.Refused(fault);
            if (more.Count > 0)
                intents = [.. intents, .. more];
        }

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
            var states = await store.LookUpAsync(stated, withBodies: true, SystemPlans.Writing, ct);
            var next = 0;
            foreach (var draft in drafts)
                if (!draft.Intent.IsNewId)
                    draft.Current = states[next++];
        }

        if (Array.Find(drafts, d => d.Intent.BasedOn is { } version && d.Current.Version != version) is { } overtaken)
            return new WriteResult.Stale(overtaken.Intent.Key.ToString());
        if (await rights.StoredAsync(drafts, asked, caller.Access, ct) is { } outside)
            return outside;
        foreach (var draft in drafts.AsSpan(0, asked))
            if ((Refusal(draft) ?? ForgedContent(draft)) is { } fault)
                return WriteResult.Refused.At(draft.Intent, fault);
        foreach (var draft in drafts.AsSpan(asked))
            if (Refusal(draft) is not null)
                return new WriteResult.Stale($"{draft.Intent.Key}, which the deletion takes along,");

        if (checks.Check(drafts, ct) is { } invalid)
            return invalid;
        if (await checks.AskDoorsAsync(drafts, caller, ct) is { } held)
            return held;

        var context = new IndexContext(store.Symbols, address) { Links = links };
        foreach (var draft in drafts)
            if (WriteRights.Labels(draft, caller.Access) is { } labelled)
                return labelled;
        foreach (var draft in drafts)
            if (!draft.Intent.IsDelete)
                draft.Rewrites = links.Rewrite(draft.Intent.Body, draft.References);

        var plan = new CommitPlan { DeletionMark = mark, DeletesOnlyUnreferenced = deletes && deletions.IsGuarded };
        if (await references.ResolveAsync(drafts, context, plan, caller, terms.TargetsMayCome, ct) is { } broken)
            return broken;
        foreach (var draft in drafts)
            if (WriteRights.Elements(draft, caller.Access) is { } closed)
                return closed;

        using var ticket = clock.Begin();
        Decide(drafts, context, plan, ticket);
        foreach (var draft in drafts)
            if (draft is { Intent.Key.Type: AuditRules.Type, Outcome.Kind: WriteKind.Updated or WriteKind.Deleted })
                return WriteResult.Refused.At(draft.Intent, AuditRules.IsKept(draft.Intent.Key));
        foreach (var draft in drafts)
            if (draft is { Intent.Key.Type: AccessPlan.Binary, Outcome.Kind: WriteKind.Created })
                plan.Statements.AddRange(CreatorStatements.Keep(draft.Sid, caller.Access.Creator, isNew: draft.Current.Version == 0));
        if (await rights.NewAsync(drafts, plan, caller.Access, ct) is { } planted)
            return planted;
        await checks.AddBesideAsync(drafts, plan, caller, isBrought: terms.TargetsMayCome, ct);
        List<StoredResource>? consents = null; // whole, whatever the caller is shown of them
        foreach (var draft in drafts)
            if (draft is { Intent: { IsDelete: false, Key.Type: ConsentType }, Outcome.Resource: { } consent })
                (consents ??= []).Add(consent);
        foreach (var draft in drafts)
            if (draft.Outcome is { Resource: { } written } outcome)
                draft.Outcome = outcome with { Resource = caller.Access.Shown(written, Interaction.Read), Findings = draft.Findings };
        context.AddTo(plan);
        terms.AddTo(plan, drafts.Take(asked), d => d.Outcome!);
        var audit = WriteAudit.AddTo(plan, caller, drafts);
        if (terms.IsRehearsal)
            audit?.Dropped();
        else if (plan.Writes.Count > 0 || plan.Preconditions.Count > 0 || plan.Statements.Count > 0 || plan.Records.Count > 0)
        {
            if (await WriteAudit.CommitAsync(store, plan, audit, ct) is CommitResult.Stale stale)
                return new WriteResult.Stale(stale.What);
            foreach (var write in plan.Writes)
                if (write.Key.Type == SearchParameterType)
                {
                    await custom.RefreshAsync(CancellationToken.None); // the next search on this node knows it
                    break;
                }
            conformance.Take(plan); // and the next validation
            if (plan.Writes.Count > 0)
            {
                checks.Tell(plan.Writes);
                bell.Ring();
            }
        }

        if (consents is not null && !terms.IsRehearsal)
            await optOuts.StoredAsync(consents, CancellationToken.None);
        return new WriteResult.Done([.. drafts.Take(asked).Select(d => d.Outcome!)]);
    }

    private FhirFault? Refusal(Draft draft)
    {
        var (intent, current) = (draft.Intent, draft.Current);
        if (intent.IfMatch is { } wanted && (!current.Exists || current.Version != wanted))
            return current.Exists || current.Version > 0
                ? FhirFault.VersionMismatch(intent.Key, wanted, current.Version)
                : FhirFault.Of(FaultKind.PreconditionFailed, $"If-Match asks for version {wanted}, but {intent.Key} does not exist.", code: "conflict");
        if (intent.MustNotExist && current.Exists)
            return FhirFault.Of(FaultKind.PreconditionFailed, $"If-None-Match: * asks that {intent.Key} does not exist, but it does.", code: "duplicate");
        if (intent.Key.Type == SearchParameterType && !intent.IsDelete && custom.Check(intent.Body, intent.Key.Id) is { } useless)
            return FhirFault.Of(FaultKind.Unprocessable, useless.Text, useless.Expression, "value");
        return null;
    }

    /// <summary>A Binary may point to content only with a pointer of this store's own making.</summary>
    private FhirFault? ForgedContent(Draft draft) =>
        draft.Intent is { IsDelete: false, Key.Type: "Binary" } && ContentPointer.Of(draft.Intent.Body) is { } pointer && !ContentSeal.IsGenuine(store.Symbols, pointer)
            ? FhirFault.Of(FaultKind.Unprocessable, "The extension urn:fhiremr:binary-content is the server's own: send the data itself.", "Binary.data")
            : null;

    private void Decide(Draft[] drafts, IndexContext context, CommitPlan plan, WriteClock.Ticket ticket)
    {
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

            var restored = current.Version > 0 ? null : intent.Restored;
            var version = restored?.Version ?? current.Version + 1;
            var updated = restored?.LastUpdated ?? (current.Version > 0 ? ticket.After(current.LastUpdated) : ticket.Instant);
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

                json = JsonSplicer.Splice(intent.Body, intent.Key.Id, version, instant, draft.Rewrites, draft.KeptLabels);
                if (intent.Key.Type == "Binary" && ContentPointer.Of(intent.Body) is { } content)
                    plan.Contents.Add(new ContentWrite.Refer(content.Content));

                // What is indexed is what is stored: the same rows come out again when the next version takes them away.
                var indexed = draft.Rewrites.Count == 0 && draft.KeptLabels.Length == 0 ? intent.Body : FhirJsonReader.Read(json, out _)!.Root;
                rows = indexer.Index(indexed, context, draft.Sid);
            }

            plan.Writes.Add(new ResourceWrite
            {
                Sid = draft.Sid,
                Key = intent.Key,
                ExpectedVersion = current.Version,
                Restored = restored?.Version,
                LastUpdated = updated,
                IsDeleted = intent.IsDelete,
                IsConditional = intent.Precondition is not null,
                Method = intent.Method,
                Body = intent.IsDelete ? [] : codec.Compress(json),
                Owner = intent.IsDelete ? current.Owner : rows.Owners.Count > 0 ? rows.Owners[0] : 0, // a purge finds what was deleted before
                Add = rows,
                Remove = draft.OldTree is { } old ? indexer.Index(old.Root, context, draft.Sid) : null,
            });
            if (intent.Key.Type == SearchParameterType)
                custom.Announce(intent.Body, intent.Key.Id, draft.Sid, version, (text, arguments) => plan.Statements.Add(PlanStatement.Of(new(text, arguments))));
            draft.Outcome = new(
                intent.IsDelete ? WriteKind.Deleted : current.Exists ? WriteKind.Updated : WriteKind.Created,
                new StoredResource(draft.Sid, intent.Key, version, instant, intent.IsDelete, intent.Method, json));
        }
    }

    /// <summary>Whether the content, with the current id and meta in place, is byte for byte what is stored.</summary>
    private static bool IsSame(Draft draft) => draft.Current.Json.Span.SequenceEqual(JsonSplicer.Splice(draft.Intent.Body, draft.Intent.Key.Id,
        draft.Current.Version, FhirInstant.FromMilliseconds(draft.Current.LastUpdated), draft.Rewrites, draft.KeptLabels));
}
