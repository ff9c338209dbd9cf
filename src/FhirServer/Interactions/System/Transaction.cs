using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Instance;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>transaction</c>: all entries or none, references between them resolved.</summary>
/// <remarks>
/// http.html#trules. Order is DELETE, POST, PUT, GET whatever the order given: all writes go into one commit, reads follow it.
/// Two entries for one resource are refused, because their order would decide.
/// </remarks>
internal sealed class Transaction(
    ResourceWriter writer, Create create, Update update, Delete delete, ConditionalReferences references, Lazy<FhirInteractions> interactions, BinaryIntake binaries, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var entries = BundleEntry.ReadAll(request);
        var fault = BundleLimits.Fault(entries.Count) ?? entries.Select(Fault).FirstOrDefault(f => f is not null);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        // Contents of large Binaries go ahead in commits of their own; the transaction itself then only refers to them.
        var ahead = new List<ContentPointer?>();
        (entries, fault) = await TakeBinariesAsync(entries, ahead, ct);
        if (fault is not null)
            return await AbandonAsync(ahead, FhirReply.Refuse(fault));

        var work = new Work([], null);
        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            (work, var unresolved) = await ResolveAsync(entries, ct);
            if (unresolved is not null)
                return new WriteResult.Refused(unresolved);
            return await writer.WriteAsync(work.Intents, work.Links, request.Caller, ct);
        }, ct);
        if (refusal is not null)
            return await AbandonAsync(ahead, FhirReply.Refuse(refusal));

        for (var i = 0; i < work.Intents.Count; i++)
            work.Outcomes[work.Intents[i].Entry!.Value] = outcomes![i];
        return await ReplyAsync(request, entries, work, ct);
    }

    private async Task<(IReadOnlyList<BundleEntry> Entries, FhirFault? Fault)> TakeBinariesAsync(IReadOnlyList<BundleEntry> entries, List<ContentPointer?> ahead, CancellationToken ct)
    {
        BundleEntry[]? taken = null;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Request is not { Body.Exists: true, Target: { Type: "Binary", Operation: null } } request)
                continue;
            var (changed, content, fault) = await binaries.TakeAsync(request, ct);
            ahead.Add(content);
            if (fault is not null)
                return (entries, fault.InEntry(i));
            if (changed != request)
                (taken ??= [.. entries])[i] = entries[i] with { Request = changed };
        }

        return (taken ?? entries, null);
    }

    private async Task<FhirReply> AbandonAsync(List<ContentPointer?> ahead, FhirReply reply)
    {
        foreach (var content in ahead)
            await binaries.AbandonAsync(content);
        return reply;
    }

    private static FhirFault? Fault(BundleEntry entry)
    {
        if (entry.Fault is not null)
            return entry.Fault;

        var request = entry.Request!;
        var target = request.Target;
        var fault = (request.Method, target) switch
        {
            ("POST", { Operation: null, Type: not null, Id: null, IsSearch: false, IsHistory: false }) => Create.BodyFault(request),
            ("PUT", { Operation: null, Type: not null, IsSearch: false, IsHistory: false }) => Update.BodyFault(request),
            ("DELETE", { Operation: null, Type: not null, IsSearch: false, IsHistory: false }) => null,
            ("GET" or "HEAD", _) => null,
            _ => FhirFault.Of(FaultKind.Invalid, $"{request.Method} at this address cannot be part of a transaction.", $"Bundle.entry[{entry.Index}].request.url"),
        };
        return fault?.InEntry(entry.Index);
    }

    private async Task<(Work Work, FhirFault? Fault)> ResolveAsync(IReadOnlyList<BundleEntry> entries, CancellationToken ct)
    {
        var work = new Work(new WriteOutcome?[entries.Count], entries.Count == 0 ? null : entries[0].Request!.BaseUrl);
        var owners = new Dictionary<ResourceKey, int>(entries.Count);
        foreach (var entry in entries)
        {
            var request = entry.Request!;
            WriteIntent? intent = null;
            FhirFault? fault = null;
            ResourceKey? key = null;
            switch (request.Method)
            {
                case "POST":
                    (intent, var existing, fault) = await create.IntentAsync(request, ct);
                    if (existing is not null)
                    {
                        (work.Outcomes[entry.Index], key) = (new(WriteKind.Unchanged, existing), existing.Key);
                        work.Found.Add((existing.Key, entry.Index));
                    }

                    break;
                case "PUT":
                    (intent, fault) = await update.IntentAsync(request, ct);
                    break;
                case "DELETE":
                    (intent, fault) = await delete.IntentAsync(request, ct);
                    if (intent is null && fault is null)
                        work.Outcomes[entry.Index] = new(WriteKind.AlreadyGone, null);
                    break;
            }

            if (fault is not null)
                return (work, fault.InEntry(entry.Index));

            if (intent is not null)
            {
                key = intent.Key;
                if (!owners.TryAdd(intent.Key, entry.Index))
                    return (work, FhirFault.Of(FaultKind.Invalid,
                        $"Entries {owners[intent.Key]} and {entry.Index} are both about {intent.Key}: a transaction may touch each resource once.", $"Bundle.entry[{entry.Index}]", "duplicate"));
                work.Intents.Add(intent);
                if (Condition(request, intent) is { } condition && !work.Conditions.TryAdd(condition, entry.Index))
                    return (work, FhirFault.Of(FaultKind.Invalid,
                        $"Entries {work.Conditions[condition]} and {entry.Index} would both create what {condition} does not find: refer to the first by its fullUrl instead.", $"Bundle.entry[{entry.Index}]", "duplicate"));
            }

            if (entry.FullUrl is { Length: > 0 } fullUrl && key is { } known && request.Method != "DELETE" && !work.Links.TryAdd(fullUrl, known))
                return (work, FhirFault.Of(FaultKind.Invalid, $"The fullUrl {fullUrl} is used by more than one entry.", $"Bundle.entry[{entry.Index}].fullUrl", "duplicate"));
            if (request.Method == "POST" && key is { } renamed && RelativeForm(entry.FullUrl) is { } relative && !work.Links.TryAdd(relative, renamed))
                return (work, FhirFault.Of(FaultKind.Invalid,
                    $"The fullUrl {entry.FullUrl} and another both mean '{relative}', so references to it would be ambiguous: send the records of each server by themselves.", $"Bundle.entry[{entry.Index}].fullUrl", "duplicate"));
        }

        // Deletions come first (http.html#trules): what one takes away is nothing a conditional create may rest on.
        foreach (var (existing, index) in work.Found)
            if (work.Intents.Find(i => i.IsDelete && i.Key == existing) is { } deletion)
                return (work, FhirFault.Of(FaultKind.Invalid,
                    $"Entry {deletion.Entry} deletes {existing}, which the ifNoneExist of entry {index} finds: use one transaction for each.", $"Bundle.entry[{index}].request.ifNoneExist", "conflict"));

        return (work, await references.ResolveAsync(work.Intents, work.Links, entries.Count == 0 ? null : entries[0].Request!.Caller, ct));
    }

    /// <summary>The condition that found nothing, so that the intent creates; null for all others.</summary>
    private static string? Condition(FhirRequest request, WriteIntent intent) => intent is { Precondition.ExpectedSids: [], IsDelete: false }
        ? $"{request.Target.Type}?{(request.Method == "POST" ? request.Headers.IfNoneExist!.TrimStart('?') : QueryString.Format(request.Query))}"
        : null;

    /// <summary><c>http://elsewhere/fhir/Patient/1</c> → <c>Patient/1</c>: how other entries of the same origin may refer to it (bundle.html#references).</summary>
    private static string? RelativeForm(string? fullUrl)
    {
        if (fullUrl is null || !fullUrl.StartsWith("http", StringComparison.Ordinal))
            return null;
        var parts = fullUrl.Split('/');
        return parts.Length > 3 && ResourceTypes.Exists(parts[^2]) && ResourceKey.IsId(parts[^1]) ? $"{parts[^2]}/{parts[^1]}" : null;
    }

    private async Task<FhirReply> ReplyAsync(FhirRequest request, IReadOnlyList<BundleEntry> entries, Work work, CancellationToken ct)
    {
        using var bundle = new BundleWriter("transaction-response", clock.GetUtcNow());
        // Without a Prefer the answer says where each resource is, not what the client just sent.
        var prefer = request.Prefer.Return is null ? request.Prefer with { Return = "minimal" } : request.Prefer;
        foreach (var entry in entries)
        {
            var reply = work.Outcomes[entry.Index] is { } outcome
                ? WriteReply.For(outcome, prefer)
                : await interactions.Value.HandleAsync(entry.Request!, ct);
            var isOutcome = reply.Fault is not null || prefer.Return == "OperationOutcome";
            bundle.Entry(null, isOutcome || reply.Body is not null ? default : reply.Json, parts: reply.Body, response: new(reply.Status,
                reply.Location is null ? null : $"{request.BaseUrl}/{reply.Location}", reply.Version, reply.LastModified, isOutcome ? reply.Json : default));
        }

        return new FhirReply(200) { Body = bundle.Finish() };
    }

    /// <summary>What one attempt has worked out: intents, addresses, and outcomes already known.</summary>
    private sealed class Work(WriteOutcome?[] outcomes, string? baseUrl)
    {
        public List<WriteIntent> Intents { get; } = [];

        public Links Links { get; } = new(baseUrl);

        /// <summary>Resources that conditional creates found, and their entries.</summary>
        public List<(ResourceKey Key, int Entry)> Found { get; } = [];

        /// <summary>Conditions that found nothing, and the entries that create for them.</summary>
        public Dictionary<string, int> Conditions { get; } = new(StringComparer.Ordinal);

        public WriteOutcome?[] Outcomes { get; } = outcomes;
    }
}
