using System.Collections.Concurrent;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Keeps the custom parameters in force equal to the SearchParameter resources in the store and the state of their rows.</summary>
/// <remarks>
/// A text in the table Setting changes with every definition and every state; each node compares it (one row) every two seconds, when a
/// search names what it does not know, and before a write when it last looked longer ago than <see cref="Trust"/>. A reindex begins only
/// after every node has had more than that time, so no write by older definitions can fall behind it.
/// </remarks>
internal sealed class CustomParameterRegistry(ResourceStore store, SearchParameters parameters, TimeProvider clock, ILogger<CustomParameterRegistry> log) : ICustomParameters, IDisposable
{
    /// <summary>How long a write may rely on what its node last read.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromSeconds(5);

    private const string VersionName = "SearchParameters";

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ConcurrentDictionary<string, string> failures = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<Entry> entries = [];
    private volatile string known = "";
    private long checkedAt;

    public WriteEpochs Epochs { get; } = new();

    /// <summary>Whether the rows of all other parameters are complete.</summary>
    public IndexCurrency Currency { get; } = new(store, clock);

    /// <summary>Released when there may be work for the reindex.</summary>
    public SemaphoreSlim Work { get; } = new(0);

    /// <summary>Parameters in force, with their jobs.</summary>
    public IReadOnlyList<Entry> Entries => entries;

    /// <summary>Expressions that failed in this process since the last look: index key and reason.</summary>
    public IReadOnlyDictionary<string, string> Failures => failures;

    /// <summary>Before anything is answered or written.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        if (await VersionAsync(ct) is null)
            await CommitAsync([PlanStatement.Of(SettingSql.Insert(store.Dialect, VersionName, NewVersion()))], ct);
        await RefreshAsync(ct);
        await Currency.StartAsync(ct);
    }

    public async ValueTask<IDisposable> BeginWriteAsync(CancellationToken ct)
    {
        if (clock.GetElapsedTime(Volatile.Read(ref checkedAt)) > Trust)
            await RefreshAsync(ct);
        return Epochs.Enter();
    }

    public (string Text, string Expression)? Check(FhirNode searchParameter, string id)
    {
        if (new CustomParameterReader(parameters).Read(searchParameter, out var fault) is not { } definition)
            return fault;
        foreach (var other in entries)
            if (other.Id != id && other.Definition.Code == definition.Code && other.Definition.Bases.Intersect(definition.Bases).FirstOrDefault() is { } type)
                return ($"{type} has a search parameter '{definition.Code}' already (SearchParameter/{other.Id}): choose another code, or retire that one.", "SearchParameter.code");
        return null;
    }

    public void Announce(FhirNode searchParameter, string id, long sid, int version, Action<string, IReadOnlyList<object>> statement)
    {
        Say(SettingSql.Update(store.Dialect, VersionName, NewVersion()));
        if (!searchParameter.Exists || new CustomParameterReader(parameters).Read(searchParameter, out _) is not { } definition
            || entries.Any(e => e.Sid == sid && e.Job is not null && e.Definition.Fingerprint == definition.Fingerprint))
            return;
        Say(ReindexJobSql.Insert(store.Dialect, ReindexJob.Kind, ReindexJob.For(definition, id, sid, version, 1, Now()).Row));

        void Say(SqlStatement s) => statement(s.Text, s.Arguments);
    }

    public async ValueTask<bool> RefreshAsync(CancellationToken ct)
    {
        var asked = clock.GetTimestamp();
        var version = await VersionAsync(ct) ?? "";
        if (version == known)
        {
            Volatile.Write(ref checkedAt, asked);
            return false;
        }

        await gate.WaitAsync(ct);
        try
        {
            if (version != known)
            {
                await ReloadAsync(ct);
                known = version;
            }

            Volatile.Write(ref checkedAt, asked);
        }
        finally
        {
            gate.Release();
        }

        Work.Release();
        return true;
    }

    /// <summary>An expression failed on a resource: from now on nothing here is written or answered by it; the reindex makes that known to all.</summary>
    public void Fail(SearchParam param, Exception fault)
    {
        var entry = entries.FirstOrDefault(e => e.Id == param.Custom?.Id);
        var why = IsTooLong(fault) ? "it takes too many steps there" : "FHIRPath cannot evaluate it there";
        if (entry?.Job is not { } job || !failures.TryAdd(job.Progress.IndexKey, $"its expression failed on a {param.Type}: {why}"))
            return;
        log.LogError("The expression of search parameter {Parameter} failed: {Why}; it is out of use until it is mended", param.ToString(), why);
        parameters.Use([.. parameters.Custom.Select(c => c.Id == entry.Id ? c with { State = new(IndexStage.Failed) { Fault = failures[job.Progress.IndexKey] } } : c)]);
        Work.Release();
    }

    // The engine's own messages may quote the record, so only their kind is told.
    private static bool IsTooLong(Exception? fault) => fault is not null && (fault is FhirPathTooLongException || IsTooLong(fault.InnerException)
        || fault.Message.EndsWith(FhirPathTooLongException.Text, StringComparison.Ordinal));

    /// <summary>All jobs as they stand on disk.</summary>
    public async Task<List<ReindexJob>> JobsAsync(CancellationToken ct) =>
        await store.QueryAsync(ReindexJobSql.OfKind(store.Dialect, ReindexJob.Kind), r => ReindexJob.Read(ReindexJobSql.Read(r)), ct);

    /// <summary>Changes jobs and makes every node look again; false when someone else changed one first.</summary>
    public Task<bool> ChangeAsync(IEnumerable<PlanStatement> statements, CancellationToken ct) => CommitAsync([.. statements, Bump()], ct);

    /// <summary>The statement that makes every node look again.</summary>
    public PlanStatement Bump() => PlanStatement.Of(SettingSql.Update(store.Dialect, VersionName, NewVersion()));

    public void Dispose()
    {
        gate.Dispose();
        Work.Dispose();
    }

    private async Task ReloadAsync(CancellationToken ct)
    {
        var jobs = await JobsAsync(ct);
        var resources = await store.QueryAsync(ReindexSql.All(store.Dialect, "SearchParameter"), store.Read, ct);
        var (fresh, custom, reader) = (new List<Entry>(), new List<CustomParameter>(), new CustomParameterReader(parameters));
        foreach (var resource in resources)
        {
            if (FhirJsonReader.Read(resource.Json, out _) is not { } tree || reader.Read(tree.Root, out _) is not { } definition)
                continue;
            var job = jobs.LastOrDefault(j => j.IsOf(resource.Sid) && j.Row.State != ReindexJob.Removing && j.Progress.Fingerprint == definition.Fingerprint);
            var twin = fresh.Find(e => e.Definition.Code == definition.Code && e.Definition.Bases.Intersect(definition.Bases).Any());
            var entry = new Entry(resource.Key.Id, resource.Sid, resource.Version, definition, job, StateOf(job, twin));
            fresh.Add(entry);
            custom.AddRange(definition.Bases.Select(type => new CustomParameter(
                entry.Id, entry.IndexKey, type, definition.Code, definition.Kind, definition.Expression, definition.Targets, definition.Url, entry.State)));
        }

        entries = fresh;
        if (Same(custom, parameters.Custom))
            return;
        parameters.Use(custom);
        Epochs.Close();
    }

    private IndexState StateOf(ReindexJob? job, Entry? twin)
    {
        var fault = twin is not null ? $"SearchParameter/{twin.Id} has its code already"
            : job?.Row.State == ReindexJob.Failed ? job.Progress.Fault
            : job is not null ? failures.GetValueOrDefault(job.Progress.IndexKey) : null;
        var stage = fault is not null ? IndexStage.Failed : job?.Row.State == ReindexJob.Done ? IndexStage.Ready : IndexStage.Indexing;
        var state = entries.FirstOrDefault(e => e.Job?.Row.Id == job?.Row.Id && job is not null && e.State.Stage == stage && e.State.Fault == fault)?.State
            ?? new IndexState(stage) { Fault = fault };
        if (job is not null)
            state.Report(job.Progress.Done, job.Progress.Total);
        return state;
    }

    private static bool Same(List<CustomParameter> fresh, IReadOnlyList<CustomParameter> current) => fresh.Count == current.Count
        && fresh.Zip(current).All(p => p.First.IndexKey == p.Second.IndexKey && p.First.Type == p.Second.Type && p.First.Id == p.Second.Id
            && p.First.State.Stage == p.Second.State.Stage && p.First.State.Fault == p.Second.State.Fault && p.First.Url == p.Second.Url);

    private async Task<string?> VersionAsync(CancellationToken ct) =>
        await store.QueryAsync(SettingSql.Find(store.Dialect, VersionName), r => r.Text(0), ct) is [var value] ? value : null;

    private async Task<bool> CommitAsync(IReadOnlyList<PlanStatement> statements, CancellationToken ct)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(statements);
        return await store.CommitAsync(plan, ct) is CommitResult.Committed;
    }

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static string NewVersion() => Guid.NewGuid().ToString("N");

    /// <summary>A definition in force; without a job when it was stored before there were jobs, or only clashes.</summary>
    internal sealed record Entry(string Id, long Sid, int Version, CustomDefinition Definition, ReindexJob? Job, IndexState State)
    {
        public string IndexKey => (Job ?? ReindexJob.For(Definition, Id, Sid, Version, 1, 0)).Progress.IndexKey;
    }
}
