using FhirEmr.FhirServer.Interactions.Instance;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>Turns the entries of a transaction into intents: conditions to keys, addresses to links, contradictions to faults.</summary>
/// <remarks>http.html#trules.</remarks>
internal sealed class TransactionEntries(
    Create create, Update update, Patch patch, Delete delete, ConditionalReferences references, PendingResources pending)
{
    public async Task<(TransactionWork Work, FhirFault? Fault)> ResolveAsync(IReadOnlyList<BundleEntry> entries, FhirRequest bundle, CancellationToken ct)
    {
        var work = new TransactionWork(entries.Count, bundle.BaseUrl);
        var owners = new Dictionary<ResourceKey, int>(entries.Count);
        foreach (var entry in entries)
        {
            var (intent, key, fault) = await IntentAsync(entry, work, ct);
            if (fault is not null)
                return (work, fault.InEntry(entry.Index));
            if ((intent is null ? null : Take(entry, intent, work, owners)) is { } contradiction)
                return (work, contradiction);
            if (key is { } known && Link(entry, known, work) is { } ambiguous)
                return (work, ambiguous);
        }

        // Deletions come first (http.html#trules): what one takes away is nothing a conditional create may rest on.
        foreach (var (existing, index) in work.Found)
            if (work.Intents.Find(i => i.IsDelete && i.Key == existing) is { } deletion)
                return (work, FhirFault.Of(FaultKind.Invalid,
                    $"Entry {deletion.Entry} deletes {existing}, which the ifNoneExist of entry {index} finds: use one transaction for each.", $"Bundle.entry[{index}].request.ifNoneExist", "conflict"));

        var rows = pending.Of(work.Intents, work.Links);
        if (await ConditionOverlapAsync(work, rows, ct) is { } overlap)
            return (work, overlap);
        return (work, await references.ResolveAsync(work.Intents, work.Links, rows, work.Preconditions, bundle.Caller, ct));
    }

    private async Task<(WriteIntent? Intent, ResourceKey? Key, FhirFault? Fault)> IntentAsync(BundleEntry entry, TransactionWork work, CancellationToken ct)
    {
        var request = entry.Request!;
        WriteIntent? intent;
        var fault = request.Method is "GET" or "HEAD" ? null : PlainParameters.FaultOf(request);
        if (fault is not null)
            return (null, null, fault);
        switch (request.Method)
        {
            case "POST":
                (intent, var existing, fault) = await create.IntentAsync(request, ct);
                if (existing is null)
                    return (intent, intent?.Key, fault);
                work.Know(entry.Index, new(WriteKind.Unchanged, existing.Resource));
                work.Found.Add((existing.Resource.Key, entry.Index));
                work.Preconditions.Add(existing.Precondition);
                return (null, existing.Resource.Key, null);
            case "PUT":
                (intent, fault) = await update.IntentAsync(request, ct);
                return (intent, intent?.Key, fault);
            case "PATCH":
                (intent, fault) = await patch.IntentAsync(request, ct);
                return (intent, intent?.Key, fault);
            case "DELETE":
                (intent, fault) = await delete.IntentAsync(request, ct);
                if (intent is null && fault is null)
                    work.Know(entry.Index, new(WriteKind.AlreadyGone, null));
                return (intent, null, fault);
            default:
                return default;
        }
    }

    private static FhirFault? Take(BundleEntry entry, WriteIntent intent, TransactionWork work, Dictionary<ResourceKey, int> owners)
    {
        if (!owners.TryAdd(intent.Key, entry.Index))
            return FhirFault.Of(FaultKind.Invalid,
                $"Entries {owners[intent.Key]} and {entry.Index} are both about {intent.Key}: a transaction may touch each resource once.", $"Bundle.entry[{entry.Index}]", "duplicate");
        work.Intents.Add(intent);
        return Condition(entry.Request!, intent) is { } condition && !work.Conditions.TryAdd(condition, entry.Index)
            ? FhirFault.Of(FaultKind.Invalid,
                $"Entries {work.Conditions[condition]} and {entry.Index} would both create what {condition} does not find: refer to the first by its fullUrl instead.", $"Bundle.entry[{entry.Index}]", "duplicate")
            : null;
    }

    private static FhirFault? Link(BundleEntry entry, ResourceKey key, TransactionWork work)
    {
        if (entry.FullUrl is { Length: > 0 } fullUrl && !work.Links.TryAdd(fullUrl, key))
            return FhirFault.Of(FaultKind.Invalid, $"The fullUrl {fullUrl} is used by more than one entry.", $"Bundle.entry[{entry.Index}].fullUrl", "duplicate");
        return entry.Request!.Method == "POST" && RelativeForm(entry.FullUrl) is { } relative && !work.Links.TryAdd(relative, key)
            ? FhirFault.Of(FaultKind.Invalid,
                $"The fullUrl {entry.FullUrl} and another both mean '{relative}', so references to it would be ambiguous: send the records of each server by themselves.", $"Bundle.entry[{entry.Index}].fullUrl", "duplicate")
            : null;
    }

    /// <summary>A condition is asked before anything is written: when another entry writes what it would find, the answer would hang on their order.</summary>
    private static async Task<FhirFault?> ConditionOverlapAsync(TransactionWork work, PendingRows rows, CancellationToken ct)
    {
        foreach (var intent in work.Intents)
        {
            if (intent is not { Precondition: { } condition, Entry: { } index } || !RowMatcher.Understands(condition.Asked))
                continue;

            // Conditional creates meet among themselves by their text (Take): records often carry several identifiers that others ask for.
            var creates = intent is { Method: "POST", IsNewId: true };
            bool Concerns(WriteIntent other) => other.Key != intent.Key && other.Key.Type == intent.Key.Type && !other.IsDelete && (!creates || other.Precondition is null);
            if (!work.Intents.Exists(Concerns))
                continue;
            foreach (var other in await rows.MatchingAsync(intent.Key.Type, condition.Asked, ct))
                if (Concerns(other))
                    return FhirFault.Of(FaultKind.Invalid,
                        $"The condition of entry {index} finds what entry {other.Entry} writes, so their order would decide: refer to that entry by its fullUrl, or use one transaction for each.", $"Bundle.entry[{index}].request", "conflict");
        }

        return null;
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
}
