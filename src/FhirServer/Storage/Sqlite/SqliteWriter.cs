using System.Diagnostics;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The one thread that writes: takes plans from a queue and commits those that wait together.</summary>
/// <remarks>
/// Reliability R-4: up to 64 plans or 5 ms of them share a transaction; each is answered after the common commit, and one that fails rolls back
/// alone. Nothing waits for company: a group is what queued up while the previous one was being written. A savepoint copies every page that a plan
/// touches, so there are none until a plan fails: then its group is run once more, and the next ones at once, with a savepoint each.
/// A plan that still waits leaves with its caller; one that has begun is never interrupted. After an I/O error nothing is acknowledged and
/// no fsync repeated: the kernel may call the second one a success although the first lost pages (F5).
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
    private readonly CancellationTokenSource failed = new();
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

    /// <summary>See <see cref="IResourceStore.Failed"/>.</summary>
    public CancellationToken Failed => failed.Token;

    /// <summary>See <see cref="IResourceStore.DeletionMark"/>.</summary>
    public long Deletions => commit.Deletions;

    public Task<CommitResult> EnqueueAsync(PreparedPlan plan, CancellationToken ct)
    {
        var job = new Job(plan);
        lock (queue)
        {
            if (failure is not null)
                throw new StorageFailedException("The store takes no writes after an I/O error: restart the process.", failure);
            ObjectDisposedException.ThrowIf(stopping, this);
            job.LeaveWith(ct);
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
        failed.Dispose();
        if (failure is null)
            session.Dispose(); // otherwise the file stays open until the process ends: closing it would fold the log in
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
                if (!job.Begin())
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
            log.LogCritical(e, "The database failed while committing; no more writes are taken and the process must end");
            Fail(e);
            lock (queue)
                while (queue.TryDequeue(out var waiting))
                    group.Add(waiting);
        }

        if (!session.IsAutocommit)
            RollBack();

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
            log.LogCritical(e, "The database failed while folding the log in; no more writes are taken and the process must end");
            Fail(e);
        }
    }

    private void Fail(Exception e)
    {
        lock (queue)
            failure = e;
        _ = failed.CancelAsync(); // whoever ends the process waits for this thread, so it must not wait for them
    }

    private void RollBack()
    {
        try
        {
            session.Prepare("ROLLBACK").Run();
        }
        catch (SqliteFault e) when (failure is not null)
        {
            log.LogWarning(e, "Nor could the failed transaction be rolled back; the next process recovers from the log");
        }
    }

    private static bool IsFatal(Exception e) => e is SqliteFault { IsFatal: true };

    private sealed class Job(PreparedPlan plan)
    {
        private const int Waits = 0, Begun = 1, Left = 2;

        private readonly TaskCompletionSource<CommitResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration leaving;
        private int state;

        public PreparedPlan Plan { get; } = plan;

        public Task<CommitResult> Task => done.Task;

        public CommitResult? Result { get; set; }

        public Exception? Fault { get; set; }

        /// <summary>Gives the plan up when its caller leaves, or runs out of time, before it has begun.</summary>
        public void LeaveWith(CancellationToken ct)
        {
            if (ct.CanBeCanceled)
                leaving = ct.UnsafeRegister(static (job, token) => ((Job)job!).Leave(token), this);
        }

        /// <summary>False when the caller has left; from true on nothing interrupts it.</summary>
        public bool Begin()
        {
            leaving.Unregister();
            return Interlocked.CompareExchange(ref state, Begun, Waits) == Waits;
        }

        public void Answer()
        {
            leaving.Unregister();
            if (Fault is not null)
                done.TrySetException(Fault);
            else
                done.TrySetResult(Result!);
        }

        private void Leave(CancellationToken token)
        {
            if (Interlocked.CompareExchange(ref state, Left, Waits) == Waits)
                done.TrySetCanceled(token);
        }
    }
}
