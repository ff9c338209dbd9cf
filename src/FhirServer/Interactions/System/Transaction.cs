using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Instance;
using FhirEmr.FhirServer.Interactions.Type;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;

namespace FhirEmr.FhirServer.Interactions.System;

/// <summary>FHIR <c>transaction</c>: all entries or none, references between them resolved.</summary>
/// <remarks>
/// http.html#trules. Order is DELETE, POST, PUT and PATCH, GET whatever the order given: all writes go into one commit, reads follow it.
/// Two entries for one resource are refused, because their order would decide.
/// </remarks>
internal sealed class Transaction(
    TransactionEntries resolver, ResourceWriter writer, IResourceStore store, Lazy<FhirInteractions> interactions, BinaryIntake binaries, TimeProvider clock)
{
    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        var entries = BundleEntry.ReadAll(request);
        var fault = BundleLimits.Fault(entries.Count) ?? entries.Select(Fault).FirstOrDefault(f => f is not null) ?? entries.Select(Refusal).FirstOrDefault(f => f is not null);
        if (fault is not null)
            return FhirReply.Refuse(fault);
        if (request.IsReadOnly && entries.Any(e => e.Request!.Method is not ("GET" or "HEAD")))
            return FhirReply.Refuse(FhirFault.OnlyReads());
        if (request.Idempotency is { Written.IsEmpty: false })
            return await ReplyAsync(request, entries, await KeptReply.OutcomesAsync(store, request, entries.Count, ct), ct);

        // Contents of large Binaries go ahead in commits of their own; the transaction itself then only refers to them.
        var ahead = new List<ContentPointer?>();
        (entries, fault) = await TakeBinariesAsync(entries, ahead, ct);
        if (fault is not null)
            return await AbandonAsync(ahead, FhirReply.Refuse(fault));

        var work = new TransactionWork(0, null);
        FhirReply? kept = null;
        var (outcomes, refusal) = await Attempts.RunAsync(async () =>
        {
            (work, var unresolved) = await resolver.ResolveAsync(entries, request, ct);
            if (unresolved is not null)
                return new WriteResult.Refused(unresolved);
            var terms = new CommitTerms
            {
                Preconditions = work.Preconditions,
                Keep = request.Idempotency is null ? null : written => Keep(request, entries, work, written, out kept),
            };
            return await writer.WriteAsync(work.Intents, work.Links, request.Caller, terms, ct);
        }, ct);
        if (refusal is not null)
            return await AbandonAsync(ahead, FhirReply.Refuse(refusal));

        var all = work.OutcomesWith(outcomes!);
        Audit(request, entries, all);
        return kept ?? await ReplyAsync(request, entries, all, ct);
    }

    /// <summary>Entries that needed no write have a row, too; those that read get theirs when they do.</summary>
    private static void Audit(FhirRequest request, IReadOnlyList<BundleEntry> entries, WriteOutcome?[] outcomes)
    {
        if (request.Caller.Trail is not AuditTrail trail)
            return;
        foreach (var entry in entries)
            if (outcomes[entry.Index] is { } outcome && !trail.IsCovered(entry.Index))
                trail.Wait(WriteAudit.Of(entry.Index, entry.Request!.Method, entry.Request.Target.Id is null ? null : entry.Request.Target.Key, outcome));
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

    private FhirFault? Refusal(BundleEntry entry) => interactions.Value.Refusal(entry.Request!)?.InEntry(entry.Index);

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
            ("PATCH", { Operation: null, Type: not null, IsSearch: false, IsHistory: false }) => Patch.BodyFault(request),
            ("DELETE", { Operation: null, Type: not null, IsSearch: false, IsHistory: false }) => null,
            ("GET" or "HEAD", _) => null,
            _ => FhirFault.Of(FaultKind.Invalid, $"{request.Method} at this address cannot be part of a transaction.", $"Bundle.entry[{entry.Index}].request.url"),
        };
        return fault?.InEntry(entry.Index);
    }

    /// <summary>The answer for repeats of the request: as it is when it only writes and is not large; otherwise what was written.</summary>
    private KeptAnswer Keep(FhirRequest request, IReadOnlyList<BundleEntry> entries, TransactionWork work, IReadOnlyList<WriteOutcome> written, out FhirReply? reply)
    {
        reply = null;
        var outcomes = work.OutcomesWith(written);
        if (entries.All(e => e.Request!.Method is not ("GET" or "HEAD")))
        {
            using var bundle = new BundleWriter("transaction-response", clock.GetUtcNow());
            foreach (var entry in Answering(request, entries))
                entry.Answer(bundle, WriteReply.For(outcomes[entry.Index]!, entry.Request!.Prefer), request.BaseUrl);
            var body = bundle.Finish();
            reply = new FhirReply(200) { Body = body };
            if (!body.HasContent && body.Length <= KeptReply.MostBody)
                return KeptReply.Of(request, reply, clock.GetUtcNow());
        }

        return KeptReply.OfWritten(request, 200, outcomes, clock.GetUtcNow());
    }

    private async Task<FhirReply> ReplyAsync(FhirRequest request, IReadOnlyList<BundleEntry> entries, WriteOutcome?[] outcomes, CancellationToken ct)
    {
        var held = 0L;
        using var bundle = new BundleWriter("transaction-response", clock.GetUtcNow());
        foreach (var entry in Answering(request, entries))
        {
            var reply = outcomes[entry.Index] is { } outcome ? WriteReply.For(outcome, entry.Request!.Prefer)
                : BundleLimits.IsFull(held, entry.Request!) ? FhirReply.Refuse(BundleLimits.Full().InEntry(entry.Index))
                : await interactions.Value.HandleAsync(entry.Request!, ct);
            held += reply.Body?.Held ?? reply.Json.Length;
            entry.Answer(bundle, reply, request.BaseUrl);
        }

        return new FhirReply(200) { Body = bundle.Finish() };
    }

    /// <summary>Without a Prefer the answer says where each resource is, not what the client just sent.</summary>
    private static IEnumerable<BundleEntry> Answering(FhirRequest request, IReadOnlyList<BundleEntry> entries)
    {
        var prefer = request.Prefer.Return is null ? request.Prefer with { Return = "minimal" } : request.Prefer;
        return entries.Select(e => e.Request!.Method is "GET" or "HEAD" ? e : e with { Request = e.Request with { Prefer = prefer } });
    }
}
