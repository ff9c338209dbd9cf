using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Storage.Sqlite;

public sealed class SqliteWriterTests : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "fhir-emr-" + Guid.NewGuid().ToString("N"));
    private SqliteFile? file;
    private SqliteSession? session;
    private SqliteWriter? writer;
    private int sid;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        file = SqliteFile.Claim(folder, NullLogger.Instance);
        session = await file.OpenAsync(Ct);
        writer = new SqliteWriter(session, new SqliteSymbols(), (_, _) => true, NullLogger.Instance);
    }

    public ValueTask DisposeAsync()
    {
        writer?.Dispose();
        file?.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_full_disk_fails_what_does_not_fit_and_writing_goes_on_when_there_is_room()
    {
        await writer!.EnqueueAsync(Plan("first", 100), Ct);
        session!.Execute($"PRAGMA max_page_count={session.Scalar("PRAGMA page_count")}"); // the writer thread is idle

        await Assert.ThrowsAsync<StorageFullException>(() => writer.EnqueueAsync(Plan("large", 5_000_000), Ct));
        Assert.Null(writer.Failure);
        session.Execute("PRAGMA max_page_count=1000000");
        Assert.IsType<CommitResult.Committed>(await writer.EnqueueAsync(Plan("again", 5_000_000), Ct));
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task A_plan_that_breaks_fails_alone()
    {
        var broken = Plan("broken", 10);
        broken.Plan.Texts.Add(new(1, null!));
        var tasks = new[] { Plan("a", 10), broken, Plan("b", 10) }.Select(p => writer!.EnqueueAsync(p, Ct)).ToArray();

        Assert.IsType<CommitResult.Committed>(await tasks[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => tasks[1]);
        Assert.IsType<CommitResult.Committed>(await tasks[2]);
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task A_caller_who_left_before_the_plan_began_writes_nothing()
    {
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer!.EnqueueAsync(Plan("gone", 10), left.Token));
        await writer!.EnqueueAsync(Plan("here", 10), Ct);
        Assert.Equal(1, Count());
    }

    [Fact]
    public async Task Stopping_finishes_what_is_queued()
    {
        var tasks = Enumerable.Range(0, 200).Select(i => writer!.EnqueueAsync(Plan($"p{i}", 10), Ct)).ToArray();
        writer!.Dispose();
        writer = null;
        Assert.All(await Task.WhenAll(tasks), r => Assert.IsType<CommitResult.Committed>(r));
        Assert.False(File.Exists(file!.Path + "-wal"));
        Assert.Equal(200, Count());
    }

    [Fact]
    public async Task Who_waits_behind_a_lock_can_leave_and_writes_nothing()
    {
        using var other = SqliteSession.Open(file!.Path, create: false, 1024);
        other.Execute("BEGIN IMMEDIATE");
        using var left = new CancellationTokenSource();
        var waiting = writer!.EnqueueAsync(Plan("gone", 10), left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting); // although the lock is still held
        other.Execute("ROLLBACK");

        await writer.EnqueueAsync(Plan("here", 10), Ct);
        Assert.Equal(1, Count());
    }

    [Fact]
    public async Task After_a_failed_fsync_nothing_is_acknowledged_and_the_next_process_recovers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The log is taken from under SQLite the Linux way.");
        await writer!.EnqueueAsync(Plan("before", 10), Ct);
        Assert.False(writer.Failed.IsCancellationRequested);
        LostFile.Lose(file!.Path + "-wal"); // writes go nowhere, and fsync fails

        await Assert.ThrowsAsync<StorageFailedException>(() => writer.EnqueueAsync(Plan("lost", 10), Ct));
        Assert.NotNull(writer.Failure);
        Assert.True(writer.Failed.IsCancellationRequested);
        await Assert.ThrowsAsync<StorageFailedException>(() => writer.EnqueueAsync(Plan("after", 10), Ct));

        writer.Dispose();
        file.Dispose();
        file = SqliteFile.Claim(folder, NullLogger.Instance);
        session = await file.OpenAsync(Ct);
        writer = new SqliteWriter(session, new SqliteSymbols(), (_, _) => true, NullLogger.Instance);
        Assert.IsType<CommitResult.Committed>(await writer.EnqueueAsync(Plan("again", 10), Ct));
        Assert.Equal(2, Count());
    }

    private long Count()
    {
        using var reader = SqliteSession.Open(file!.Path, create: false, 1024);
        return reader.Scalar("SELECT COUNT(*) FROM Resource");
    }

    private PreparedPlan Plan(string id, int size)
    {
        var plan = new CommitPlan();
        plan.Writes.Add(new ResourceWrite
        {
            Sid = Interlocked.Increment(ref sid),
            Key = new("Patient", id),
            ExpectedVersion = 0,
            LastUpdated = 1,
            IsDeleted = false,
            Method = "POST",
            Body = new byte[size],
            Owner = 0,
            Add = new IndexRows(),
            Remove = null,
        });
        return new PreparedPlan(plan);
    }
}
