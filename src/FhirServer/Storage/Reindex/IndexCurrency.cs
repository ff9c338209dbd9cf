using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Whether every row of the store is what this program would write (<see cref="IndexDefinition"/>); if not, has that mended and says so meanwhile.</summary>
/// <remarks>
/// The number stands in the table Setting. A store with resources and no number was filled by the first program. A number above ours means that
/// a newer program was here: what we write now is by our definition, so the number is taken back, and the newer one indexes again when it returns.
/// </remarks>
internal sealed class IndexCurrency(ResourceStore store, TimeProvider clock)
{
    public const string SettingName = "IndexDefinition";

    /// <summary>The job that indexes everything, asked for or not, has one name: there is one at a time.</summary>
    public const string JobId = "all";

    private volatile int version = IndexDefinition.Version;

    /// <summary>The definition that all rows satisfy.</summary>
    public int Version => version;

    public bool IsCurrent => version >= IndexDefinition.Version;

    /// <summary>A sentence for those who read what this server can do; null when there is nothing to say.</summary>
    public string? Notice => IsCurrent ? null
        : "This store was filled by an older version and its index is being brought up to date (GET [base]/$reindex tells how far). Until then searches may miss resources by "
            + string.Join(", ", IndexDefinition.Changes.Where(c => c.Version > version).Select(c => c.What)) + ".";

    public async Task StartAsync(CancellationToken ct)
    {
        if (await ReadAsync(ct) is not { } stored)
        {
            var isEmpty = (await store.QueryAsync(ReindexSql.Any(store.Dialect), r => r.Int64(0), ct)).Count == 0;
            await CommitAsync([PlanStatement.Of(SettingSql.Insert(store.Dialect, SettingName, Text(isEmpty ? IndexDefinition.Version : IndexDefinition.First)))], ct);
            stored = await ReadAsync(ct) ?? IndexDefinition.First; // another node may have been first
        }
        else if (stored > IndexDefinition.Version)
        {
            await CommitAsync([PlanStatement.Of(SettingSql.Update(store.Dialect, SettingName, Text(IndexDefinition.Version)))], ct);
        }

        version = stored;
        if (!IsCurrent)
            await QueueAsync(ct);
    }

    /// <summary>Looks whether the job is through, here or on another node; asks nothing once it is.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        if (!IsCurrent && await ReadAsync(ct) is { } stored)
            version = stored;
    }

    /// <summary>A warning for the search if the rows it needs may not be complete; null otherwise.</summary>
    public string? WarningFor(SearchQuery query) => !IsCurrent && IndexDefinition.Lacking(query, version) is [_, ..] lacking
        ? $"The answer may be incomplete: the index of {string.Join(" and of ", lacking)} is still being built for resources that an older version of this server wrote. GET [base]/$reindex tells how far it is."
        : null;

    /// <summary>A job that makes all rows of every type right.</summary>
    public static ReindexJob Job(long now)
    {
        var progress = new ReindexProgress { Code = "*", Types = ResourceTypes.All, Definition = IndexDefinition.Version };
        return new(new(JobId, ReindexJob.Waiting, "", 0, now, now, progress.Write()), progress);
    }

    /// <summary>What ends such a job.</summary>
    public PlanStatement Reached(int definition) => PlanStatement.Of(SettingSql.Update(store.Dialect, SettingName, Text(definition)));

    /// <summary>Leaves one alone that is under way to the same end: it goes on where it was.</summary>
    private async Task QueueAsync(CancellationToken ct)
    {
        var jobs = await store.QueryAsync(ReindexJobSql.OfKind(store.Dialect, ReindexJob.Kind), r => ReindexJob.Read(ReindexJobSql.Read(r)), ct);
        if (jobs.Exists(j => j.Row.Id == JobId && j.IsUnfinished && j.Progress.Definition == IndexDefinition.Version))
            return;
        await CommitAsync(
            [PlanStatement.Of(ReindexJobSql.Delete(store.Dialect, JobId)), PlanStatement.Of(ReindexJobSql.Insert(store.Dialect, ReindexJob.Kind, Job(clock.GetUtcNow().ToUnixTimeMilliseconds()).Row))], ct);
    }

    private async Task<int?> ReadAsync(CancellationToken ct) =>
        await store.QueryAsync(SettingSql.Find(store.Dialect, SettingName), r => r.Text(0), ct) is [var value] ? int.Parse(value, CultureInfo.InvariantCulture) : null;

    private async Task CommitAsync(IReadOnlyList<PlanStatement> statements, CancellationToken ct)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(statements);
        await store.CommitAsync(plan, ct); // stale: another node did the same
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
