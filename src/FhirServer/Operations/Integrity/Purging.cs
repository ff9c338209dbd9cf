using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Removes resources as if they had never been, a patient with all that is theirs, chunk by chunk under a job (reliability R-32).</summary>
/// <remarks>
/// Each chunk and the job's progress are one transaction, so that whoever goes on after a crash repeats nothing and misses nothing. The
/// patient goes last: until then a repeated call finds the way back in.
/// </remarks>
internal sealed class Purging(IResourceStore store, ResourceIndexer indexer, BodyCodec codec, LocalAddress address, RecordRules rules, ReferenceLookup references, TimeProvider clock)
{
    public const string Kind = "purge";
    private const int Chunk = 200;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private readonly Extraction extraction = new(store, indexer, address);

    /// <summary>Resources outside that refer to what would go.</summary>
    public async Task<Referrers> ReferrersAsync(ResourceKey key, long sid, CancellationToken ct)
    {
        var isPatient = key.Type == "Patient";
        var found = await store.ReferrersAsync([sid], [sid], DeleteRules.MostNamed, SystemPlans.Integrity, ct, isPatient ? sid : null);
        if (!isPatient)
            return found;

        var (some, counts) = (found.Some.ToList(), found.Counts.ToDictionary(c => c.Type, c => c.Count, StringComparer.Ordinal));
        for (var after = 0L; ;)
        {
            var members = await MembersAsync(sid, after, ct);
            if (members.Count == 0)
                return new([.. some.DistinctBy(r => r.Sid).Take(DeleteRules.MostNamed)], [.. counts.Select(c => (c.Key, c.Value))]);
            var more = await store.ReferrersAsync([.. members.Select(m => m.Sid)], [sid], DeleteRules.MostNamed, SystemPlans.Integrity, ct, sid);
            some.AddRange(more.Some);
            foreach (var (type, count) in more.Counts)
                counts[type] = counts.GetValueOrDefault(type) + count;
            after = members[^1].Sid;
        }
    }

    /// <summary>Begins a purge, or takes up the one that is under way for the resource.</summary>
    public async Task<(long Purged, bool IsStale)> RunAsync(ResourceKey key, long sid, Caller caller, CancellationToken ct)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var job = new JobStep(string.Create(CultureInfo.InvariantCulture, $"purge-{sid}-{now}"), Kind, JobState.Running, now, now, caller.Name, Progress.Of(key, sid));
        return await ContinueAsync(job, caller, ct);
    }

    /// <summary>Purges that a crash or a stop left behind.</summary>
    public async Task<IReadOnlyList<JobStep>> LeftAsync(CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Integrity, ct);
        return await session.QueryAsync(PurgeSql.Jobs(store.Dialect, Kind, JobState.Running, clock.GetUtcNow().ToUnixTimeMilliseconds()), r => PurgeSql.Job(r, Kind, JobState.Running), ct);
    }

    public Task<(long Purged, bool IsStale)> ContinueAsync(JobStep job, CancellationToken ct) => ContinueAsync(job, beginner: null, ct);

    /// <param name="beginner">Whose row goes into the first commit; null when it has one already.</param>
    private async Task<(long Purged, bool IsStale)> ContinueAsync(JobStep job, Caller? beginner, CancellationToken ct)
    {
        var progress = JsonSerializer.Deserialize<Progress>(job.Progress)!;
        var stale = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var members = progress.Type == "Patient" ? await MembersAsync(progress.Sid, progress.After, ct) : [];
            if (members.Count == 0 && progress.After > 0)
            {
                progress = progress with { After = 0 }; // once more from the start: others may have written meanwhile
                continue;
            }

            var isLast = members.Count == 0;
            if (isLast)
                members = await OneAsync(progress.Sid, ct);
            var next = progress with { Purged = progress.Purged + members.Count, After = members.Count == 0 ? 0 : members[^1].Sid };
            var plan = await PlanAsync(members, isLast && rules.OnDeleteReferenced != OnDeleteReferenced.Ignore, ct);
            var now = clock.GetUtcNow();
            plan.Statements.AddRange(JobSql.Save(job with
            {
                State = isLast ? JobState.Done : JobState.Running,
                Updated = now.ToUnixTimeMilliseconds(),
                LeaseUntil = isLast ? 0 : (now + Lease).ToUnixTimeMilliseconds(),
                LeaseOwner = Environment.MachineName,
                Progress = JsonSerializer.Serialize(isLast ? next with { Id = "" } : next), // what is purged leaves no id behind
            }));
            var audit = beginner is null ? null : WriteAudit.AddBegin(plan, beginner, new(progress.Type, progress.Id), members);
            if (await WriteAudit.CommitAsync(store, plan, audit, CancellationToken.None) is CommitResult.Stale)
            {
                if (++stale > 10)
                    return (progress.Purged, true);
                await Task.Delay(Random.Shared.Next(1, 50), ct);
                continue;
            }

            references.Forget();
            (progress, stale, beginner) = (next, 0, null);
            if (isLast)
                return (progress.Purged, false);
        }
    }

    private async Task<CommitPlan> PlanAsync(IReadOnlyList<StoredResource> members, bool onlyUnreferenced, CancellationToken ct)
    {
        var plan = new CommitPlan { DeletesOnlyUnreferenced = onlyUnreferenced };
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (resource, rows) in await extraction.RunAsync(members, new(), (_, _, _) => { }, ct))
        {
            foreach (var content in resource.Key.Type == "Binary" ? await ContentsAsync(resource.Key, ct) : [])
                plan.Contents.Add(new ContentWrite.Purge(content));
            if (resource.Key.Type == "Binary")
                plan.Statements.Add(CreatorStatements.Forget(resource.Sid));
            plan.Purges.Add(new()
            {
                Sid = resource.Sid,
                Key = resource.Key,
                ExpectedVersion = resource.Version,
                LastUpdated = now,
                IsDeleted = true,
                Method = "DELETE",
                Body = [],
                Owner = 0,
                Add = new IndexRows(),
                Remove = rows,
            });
        }

        return plan;
    }

    /// <summary>What the versions of a Binary point to: nothing else does.</summary>
    private async Task<IEnumerable<long>> ContentsAsync(ResourceKey key, CancellationToken ct)
    {
        var contents = new SortedSet<long>();
        HistoryPosition? after = null;
        do
        {
            var page = await store.HistoryAsync(new(key.Type, key.Id, 100, null, null, after), SystemPlans.Integrity, ct);
            foreach (var version in page.Versions)
                if (ContentPointer.Find(version.Json.Span, out _, out _) is { } pointer)
                    contents.Add(pointer.Content);
            after = page.Next;
        }
        while (after is not null);
        return contents;
    }

    private async Task<List<StoredResource>> MembersAsync(long patient, long after, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Integrity, ct);
        return await session.QueryAsync(PurgeSql.Members(store.Dialect, patient, after, Chunk), r => ResourceRow.Read(r, codec), ct);
    }

    private async Task<List<StoredResource>> OneAsync(long sid, CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Integrity, ct);
        return await session.QueryAsync(PurgeSql.One(store.Dialect, sid), r => ResourceRow.Read(r, codec), ct);
    }

    /// <summary>What a purge is about and how far it is.</summary>
    private sealed record Progress(string Type, string Id, long Sid, long Purged, long After = 0)
    {
        public static string Of(ResourceKey key, long sid) => JsonSerializer.Serialize(new Progress(key.Type, key.Id, sid, 0));
    }
}
