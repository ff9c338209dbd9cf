using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Space;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Tests.Interactions.Jobs;

/// <summary>Whose jobs a worker takes, which it leaves to others, and what becomes of one that it cannot do.</summary>
public sealed class LeasedJobWorkerTests : IAsyncLifetime
{
    private const string Kind = "of tests", Client = "somebody";

    private readonly StorageOptions options = new() { DataFolder = Directory.CreateTempSubdirectory("fhir-emr-worker-").FullName };
    private IResourceStore store = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static byte[] Request => JobRequest.Write(new FhirRequest("GET", FhirTarget.Parse("Patient", out _)!, Caller.System) { BaseUrl = "" });

    public async ValueTask InitializeAsync()
    {
        store = ResourceStoreFactory.Create(options, NullLoggerFactory.Instance, () => throw new NotSupportedException());
        await store.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(options.DataFolder, recursive: true);
    }

    [Fact]
    public async Task A_command_works_on_its_own_job_only_and_has_it_from_the_commit_that_adds_it()
    {
        using var server = NewWorker();
        using var command = NewWorker();
        Assert.True(await CommitAsync(Added("older")));
        Assert.True(await CommitAsync(Added("own"), command.Claim("own")));
        Assert.False(await CommitAsync(server.Claim("own")));

        await command.RunOnlyAsync("own", Client, Ct);

        Assert.Equal(["own"], command.Worked);
        Assert.Equal((JobState.Done, JobState.Queued), (await StateAsync("own"), await StateAsync("older")));
    }

    [Fact]
    public async Task A_job_that_this_node_cannot_do_is_left_for_another_one_and_the_next_is_done()
    {
        using var here = NewWorker(id => id == "elsewhere");
        using var there = NewWorker();
        Assert.True(await CommitAsync(Added("elsewhere", created: 1), Added("here", created: 2)));

        await here.StartAsync(Ct);
        while (await StateAsync("here") != JobState.Done)
            await Task.Delay(5, Ct);
        Assert.True(await CommitAsync(there.Claim("elsewhere")));
        await here.StopAsync(Ct);

        Assert.Equal(["elsewhere", "here"], here.Worked);
    }

    [Fact]
    public async Task One_whose_request_cannot_be_read_fails()
    {
        using var worker = NewWorker();
        Assert.True(await CommitAsync(JobSql.Add(new("unreadable", Kind, JobState.Queued, Client, 1, 1, "", []), [1, 2, 3])));

        await worker.RunOnlyAsync("unreadable", Client, Ct);

        Assert.Empty(worker.Worked);
        Assert.Equal("failed", (await store.JobAsync("unreadable", Client, Ct))!.Progress);
    }

    private static PlanStatement Added(string id, long created = 1) => JobSql.Add(new(id, Kind, JobState.Queued, Client, created, created, "", []), Request);

    private async Task<string?> StateAsync(string id) => (await store.JobAsync(id, Client, Ct))?.State;

    private async Task<bool> CommitAsync(params PlanStatement[] statements)
    {
        var plan = new CommitPlan();
        plan.Statements.AddRange(statements);
        return await store.CommitAsync(plan, Ct) is CommitResult.Committed;
    }

    private Worker NewWorker(Func<string, bool>? isLeft = null) =>
        new(store, new FreeSpace(Options.Create(options), new DriveProbe(), TimeProvider.System, NullLogger<FreeSpace>.Instance), isLeft ?? (_ => false));

    private sealed class Worker(IResourceStore store, FreeSpace space, Func<string, bool> isLeft) : LeasedJobWorker(Kind, TimeSpan.FromDays(1), store, space, TimeProvider.System, NullLogger.Instance)
    {
        private readonly IResourceStore store = store;

        public List<string> Worked { get; } = [];

        protected override async Task WorkAsync(string id, StoredJob job, string client, string progress, CancellationToken ct)
        {
            Worked.Add(id);
            if (isLeft(id))
            {
                await LeaveAsync(id);
                return;
            }

            var plan = new CommitPlan();
            plan.Statements.Add(Checkpoint(id, "done"));
            plan.Statements.Add(Finish(id));
            await store.CommitAsync(plan, CancellationToken.None);
        }

        protected override IEnumerable<long> ContentsOf(string progress) => [];

        protected override (string Progress, bool IsOver) Failed(string id, string progress) => ("failed", true);
    }
}
