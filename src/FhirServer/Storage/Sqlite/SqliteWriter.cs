using System.Diagnostics;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The one thread that writes: takes plans from a queue and commits those that wait together.</summary>
/// <remarks>
/// Reliability R-4: up to 64 plans or 5 ms of them share a transaction; each is answered after the common commit, and one that fails rolls back
/// alone. Nothing waits for company: a group is what queued up while the previous one was being written. A savepoint copies every page that a plan
/// touches, so there are none until a plan fails: then its group is run once more, and the next ones at once, with a savepoint each.
/// Only this thread checkpoints: below 3.51.3 SQLite could damage the log when two connections reset it at once.
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    private const int MaxGroup = 64;

    /// <summary>Groups run with savepoints after one in which a plan failed: where plans compete, more will fail.</summary>
    private const int CarefulGroups = 32;

    private static readonly TimeSpan MaxGroupTime = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(2);

    private readonly SqliteSession session;
    private readonly SqliteCommit commit;
    private readonly SqliteSymbols symbols;
    private readonly Func<SqliteSession, Precondition, bool> holds;
    private readonly ILogger log;
    private readonly Queue<Job> queue = new();
    private readonly Thread thread;
    private bool stopping;
    private bool dirtyLog;
    private int careful;
    private volatile Exception? failure;

    public SqliteWriter(SqliteSession session, SqliteSymbols symbols, Func<SqliteSession, Precondition, bool> holds, ILogger log)
    {
        (this.session, this.symbols, this.holds, this.log) = (session, symbols, holds, log);
        commit = new SqliteCommit(session);
        thread = new Thread(Run) { Name = "SQLite writer", IsBackground = true };
        thread.Start();
    }

    /// <summary>Why the writer takes nothing more; null while it works.</summary>
    public Exception? Failure => failure;

    /// <summary>See <see cref="IResourceStore.DeletionMark"/>.</summary>
    public long Deletions => commit.Deletions;

    public Task<CommitResult> EnqueueAsync(PreparedPlan plan, CancellationToken ct)
    {
        var job = new Job(plan, ct);
        lock (queue)
        {
            if (failure is not null)
                throw new StorageFailedException("The store takes no writes after an I/O error: restart the process.", failure);
            ObjectDisposedException.ThrowIf(stopping, this);
            queue.Enqueue(job);
            if (queue.Count == 1)
                Monitor.Pulse(queue);
        }

        return job.Task;
    }

    /// <summary>Finishes what is queued, then stops and folds the log into the database.</summary>
    public void Dispose()
    {
        lock (queue)
        {
            stopping = true;
            Monitor.Pulse(queue);
        }

        thread.Join();
        session.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            if (Take(wait: true) is { } job)
                RunGroup(job);
            else if (failure is null && dirtyLog)
                Checkpoint();

            lock (queue)
                if (stopping && queue.Count == 0)
                    break;
        }

        if (failure is null)
            Checkpoint();
    }

    private Job? Take(bool wait)
    {
        lock (queue)
        {
            if (wait && queue.Count == 0 && !stopping)
                Monitor.Wait(queue, IdleAfter);
            return queue.TryDequeue(out var job) ? job : null;
        }
    }

    private void RunGroup(Job first)
    {
        var group = new List<Job>();
        try
        {
            session.Prepare("BEGIN IMMEDIATE").Run();
            var start = Stopwatch.GetTimestamp();
            for (var job = first; job is not null; job = group.Count < MaxGroup && Stopwatch.GetElapsedTime(start) < MaxGroupTime ? Take(wait: false) : null)
            {
                if (job.Cancelled())
                    continue;
                group.Add(job);
                if (!RunJob(job) && careful == 0)
                    RunAgain(group);
            }

            session.Prepare("COMMIT").Run();
            careful = Math.Max(0, careful - 1);
            symbols.Committed();
            commit.MarkCommitted();
            dirtyLog = true;
        }
        catch (Exception e)
        {
            Abandon(group.Count == 0 ? [first] : group, e);
            return;
        }

        foreach (var job in group)
            job.Answer();
    }

    /// <summary>Begins the transaction anew, now with savepoints.</summary>
    private void RunAgain(List<Job> group)
    {
        session.Prepare("ROLLBACK").Run();
        symbols.RolledBack();
        careful = CarefulGroups;
        session.Prepare("BEGIN IMMEDIATE").Run();
        foreach (var job in group)
        {
            (job.Result, job.Fault) = (null, null);
            RunJob(job);
        }
    }

    /// <summary>Runs one plan; false when it failed. Throws only when the common transaction is lost.</summary>
    private bool RunJob(Job job)
    {
        symbols.Flush(session);
        if (careful > 0)
            session.Prepare("SAVEPOINT Request").Run();
        try
        {
            foreach (var precondition in job.Plan.Plan.Preconditions)
                if (!holds(session, precondition))
                {
                    job.Result = new CommitResult.Stale("A search the request was decided on has another answer by now.");
                    break;
                }

            if (job.Result is null && commit.Execute(job.Plan) is { } stale)
                job.Result = new CommitResult.Stale(stale);
        }
        catch (Exception e) when (!session.IsAutocommit && !IsFatal(e))
        {
            job.Fault = e is SqliteFault fault ? fault.Translate() : e;
        }

        var isDone = job.Result is null && job.Fault is null;
        if (careful > 0)
        {
            if (!isDone)
                session.Prepare("ROLLBACK TO Request").Run();
            session.Prepare("RELEASE Request").Run();
        }

        job.Result ??= new CommitResult.Committed();
        return isDone;
    }

    private void Abandon(List<Job> group, Exception e)
    {
        var fault = e is SqliteFault sqlite ? sqlite.Translate() : e;
        if (IsFatal(e))
        {
            log.LogCritical(e, "The database failed while committing; no more writes are taken");
            lock (queue)
            {
                failure = e;
                while (queue.TryDequeue(out var waiting))
                    group.Add(waiting);
            }
        }
        else if (!session.IsAutocommit)
        {
            session.Prepare("ROLLBACK").Run();
        }

        symbols.RolledBack();
        foreach (var job in group)
        {
            job.Fault = fault;
            job.Answer();
        }
    }

    private void Checkpoint()
    {
        try
        {
            session.Checkpoint(truncate: true);
            dirtyLog = false;
        }
        catch (SqliteFault e) when (!IsFatal(e))
        {
            log.LogWarning(e, "Could not fold the log into the database");
        }
        catch (SqliteFault e)
        {
            log.LogCritical(e, "The database failed while folding the log in; no more writes are taken");
            failure = e;
        }
    }

    private static bool IsFatal(Exception e) => e is SqliteFault { Code: SqliteNative.IoError or SqliteNative.Corrupt or SqliteNative.NotADatabase };

    private sealed class Job(PreparedPlan plan, CancellationToken ct)
    {
        private readonly TaskCompletionSource<CommitResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PreparedPlan Plan { get; } = plan;

        public Task<CommitResult> Task => done.Task;

        public CommitResult? Result { get; set; }

        public Exception? Fault { get; set; }

        /// <summary>Gives up a plan whose caller left before it began; later nothing interrupts it.</summary>
        public bool Cancelled() => ct.IsCancellationRequested && done.TrySetCanceled(ct);

        public void Answer()
        {
            if (Fault is not null)
                done.TrySetException(Fault);
            else
                done.TrySetResult(Result!);
        }
    }
}
