using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Writes the lines of an import: many to a commit, through the one writer, together with how far it is and with what was refused.</summary>
/// <remarks>
/// Reliability R-32: whoever is killed repeats one chunk that has left nothing behind. One line that is refused does not keep the others of its
/// chunk: it is taken out and the rest is tried again, in smaller chunks while there are many such lines.
/// </remarks>
internal sealed class ImportRun(IResourceStore store, ResourceWriter writer, BinaryIntake binaries, ExportFileReader files, ImportErrors errors, AuditLog audit, TimeProvider clock)
{
    private const int FewestResources = 16;
    private const int MostAttempts = 12;

    /// <summary>Bytes of lines after which a chunk ends early.</summary>
    private const long ChunkBytes = 8 * 1024 * 1024;

    /// <summary>Resources of a chunk, at most (reliability R-32).</summary>
    public int ChunkResources { get; init; } = 1000;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Writes the rest of the file that the progress is at. While one chunk is written the next is read.</summary>
    public async Task<ImportProgress> FileAsync(ImportProgress progress, ImportNames? names, ImportStep step, CancellationToken ct)
    {
        var caller = await step.CallerAsync(ct);
        var input = progress.Inputs[progress.At];
        await using var lines = NdJsonLine.ReadAsync(files.PiecesAsync(input.File!, progress.Position.Piece, caller.Access, ct), progress.Position, ct).GetAsyncEnumerator(ct);
        var size = ChunkResources;
        var reading = ChunkAsync();
        try
        {
            while (await reading is { Count: > 0 } chunk)
            {
                reading = Task.Run(ChunkAsync, ct);
                for (var done = 0; done < chunk.Count;)
                {
                    var some = Distinct(chunk, done, size);
                    caller = await step.CallerAsync(ct);
                    if (await WriteAsync(progress, some, names, caller, step, ct) is { } next)
                    {
                        (progress, done, size) = (next, done + some.Count, Math.Min(ChunkResources, 2 * size));
                        await step.CommittedAsync(ct);
                    }
                    else
                    {
                        size = Math.Max(FewestResources, some.Count / 2);
                    }
                }
            }
        }
        finally
        {
            await Task.WhenAny(reading); // nothing of it goes on behind the job's back
        }

        return progress with { At = progress.At + 1, Position = default };

        async Task<List<ImportItem>> ChunkAsync()
        {
            var items = new List<ImportItem>(ChunkResources);
            var (bytes, now) = (0L, Now);
            while (items.Count < ChunkResources && bytes < ChunkBytes && await lines.MoveNextAsync())
            {
                items.Add(ImportItem.Read(lines.Current, input.Type, progress.Terms.KeepsVersions, names is null ? null : names.Rename, now));
                bytes += lines.Current.Bytes.Length;
            }

            return items;
        }
    }

    /// <summary>From one on, as many as go into one commit: each resource once.</summary>
    private static List<ImportItem> Distinct(List<ImportItem> chunk, int from, int most)
    {
        var keys = new HashSet<ResourceKey>();
        return [.. chunk.Skip(from).Take(most).TakeWhile(i => i.Key == default || keys.Add(i.Key))];
    }

    /// <summary>One attempt: null when a line turned out to be refused, and the rest is to be tried again without it.</summary>
    private async Task<ImportProgress?> WriteAsync(ImportProgress progress, List<ImportItem> items, ImportNames? names, Caller caller, ImportStep step, CancellationToken ct)
    {
        var terms = progress.Terms;
        await PrepareAsync(items, terms, caller, ct);
        var intents = new List<WriteIntent>();
        var of = new Dictionary<WriteIntent, ImportItem>(ReferenceEqualityComparer.Instance);
        foreach (var item in items.Where(i => i.IsWritten))
        {
            var intent = new WriteIntent(item.Key, item.IsNewId ? "POST" : "PUT")
            {
                Body = item.Resource,
                IsNewId = item.IsNewId,
                MustNotExist = terms.OnDuplicate != OnDuplicate.Update,
                Restored = item.Restored,
                Entry = intents.Count,
            };
            intents.Add(intent);
            of[intent] = item;
        }

        var plan = new CommitPlan();
        var before = progress;
        progress = errors.Add(progress, items, plan);
        ImportProgress Next(IReadOnlyList<WriteOutcome> outcomes) => Counted(progress, items, outcomes) with { Position = items[^1].Line.End, Failures = 0 };
        if (intents.Count == 0)
            return await CommitAsync(Next([]), plan, step);

        var links = new Links(terms.Source, names is null ? null : names.Of);
        var commit = new CommitTerms
        {
            TargetsMayCome = true,
            IsRehearsal = terms.IsRehearsal,
            Contents = plan.Contents,
            Also = outcomes => [step.Checkpoint(Next(outcomes))],
        };
        for (var attempt = 1; ; attempt++)
        {
            switch (await writer.WriteAsync(intents, links, terms.IsRehearsal ? caller : await step.AuditedAsync(caller, audit), commit, ct))
            {
                case WriteResult.Done done when terms.IsRehearsal:
                    return await CommitAsync(Next(done.Outcomes), plan, step);
                case WriteResult.Done done:
                    return Next(done.Outcomes);
                case WriteResult.Refused { Of: (var intent, var fault) }:
                    await RefuseAsync(of[intent], fault, terms);
                    return null;
                case WriteResult.Refused refused:
                    throw new InvalidOperationException($"Lines of an import were refused as a whole ({refused.Fault.Kind})."); // only deletes are
                case WriteResult.Stale stale:
                    if (!await IsOursAsync(before, step))
                        throw new ImportLostException();
                    if (attempt == MostAttempts)
                        throw new StorageUnavailableException($"An import could not be committed: {stale.What}");
                    await Task.Delay(Random.Shared.Next(1, 4 << Math.Min(attempt, 6)), ct);
                    break;
            }
        }
    }

    private async Task RefuseAsync(ImportItem item, FhirFault fault, ImportTerms terms)
    {
        if (fault.Kind == FaultKind.PreconditionFailed && terms.OnDuplicate == OnDuplicate.Skip)
            item.IsSkipped = true; // somebody wrote it in between
        else
            item.Fault = fault;
        await binaries.AbandonAsync(item.Ahead);
        item.Ahead = null;
    }

    /// <summary>What can be said of each before it is written: whether it may be imported, whether something stands there.</summary>
    private async Task PrepareAsync(List<ImportItem> items, ImportTerms terms, Caller caller, CancellationToken ct)
    {
        foreach (var item in items.Where(i => i.IsWritten))
            if (!ImportOperation.Allows(caller.Access, item.Key.Type))
                item.Fault = FhirFault.Of(FaultKind.Forbidden, $"You may not import {item.Key.Type}.");

        if (terms.OnDuplicate != OnDuplicate.Update && items.Where(i => i.IsWritten && !i.IsNewId).ToList() is { Count: > 0 } stated)
        {
            var states = await store.LookUpAsync(stated.ConvertAll(i => i.Key), withBodies: false, caller.Access, ct);
            foreach (var (item, state) in stated.Zip(states))
                if (state.Exists && terms.OnDuplicate == OnDuplicate.Skip)
                    item.IsSkipped = true;
                else if (state.Exists)
                    item.Fault = FhirFault.Of(FaultKind.PreconditionFailed, $"{item.Key} is here already.", code: "duplicate");
        }

        foreach (var item in items.Where(i => i is { IsWritten: true, Key.Type: AccessPlan.Binary, Ahead: null } && !terms.IsRehearsal))
        {
            var target = new FhirTarget(AccessPlan.Binary, item.Key.Id, null, false, false, null, false);
            var (taken, ahead, fault) = await binaries.TakeAsync(new("PUT", target, caller) { Body = item.Resource, BaseUrl = "" }, ct);
            if (fault is null)
                item.Replace(taken.Body, ahead);
            else
                item.Fault = fault;
        }
    }

    private static ImportProgress Counted(ImportProgress progress, List<ImportItem> items, IReadOnlyList<WriteOutcome> outcomes)
    {
        var input = progress.Inputs[progress.At];
        return progress.With(progress.At, input with
        {
            Lines = input.Lines + items.Count,
            Created = input.Created + outcomes.Count(o => o.Kind == WriteKind.Created),
            Updated = input.Updated + outcomes.Count(o => o.Kind == WriteKind.Updated),
            Unchanged = input.Unchanged + outcomes.Count(o => o.Kind == WriteKind.Unchanged),
            Skipped = input.Skipped + items.Count(i => i.IsSkipped),
            Refused = input.Refused + items.Count(i => i.Fault is not null),
        });
    }

    private async Task<ImportProgress> CommitAsync(ImportProgress next, CommitPlan plan, ImportStep step)
    {
        plan.Statements.Add(step.Checkpoint(next));
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed ? next : throw new ImportLostException();
    }

    private async Task<bool> IsOursAsync(ImportProgress progress, ImportStep step)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(step.Checkpoint(progress));
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }
}
