using System.Collections.Concurrent;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>Read sessions, opened as needed up to a limit and then shared by turns.</summary>
internal sealed class SqliteReaders(string file, TimeSpan timeout) : IDisposable
{
    /// <summary>How long a statement may run; infinite for ever.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Small, since there are many readers: behind it stands the system's own cache of the file, which all of them share.</summary>
    private const int CacheKiB = 2 * 1024;
    private static readonly int Limit = Math.Max(4, 2 * Environment.ProcessorCount);

    private readonly ConcurrentStack<SqliteSession> idle = new();
    private readonly SemaphoreSlim turns = new(Limit, Limit);
    private volatile bool disposed;

    /// <summary>A session for one call; give it back with <see cref="Return"/>.</summary>
    public ValueTask<SqliteSession> RentAsync(CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return turns.Wait(0, CancellationToken.None) ? new(Take()) : SlowAsync(ct);

        async ValueTask<SqliteSession> SlowAsync(CancellationToken token)
        {
            await turns.WaitAsync(token);
            return Take();
        }
    }

    public void Return(SqliteSession session)
    {
        if (disposed)
            session.Dispose();
        else
            idle.Push(session);
        turns.Release();
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryPop(out var session))
            session.Dispose();
    }

    private SqliteSession Take()
    {
        if (idle.TryPop(out var session))
            return session;

        try
        {
            return SqliteSession.Open(file, create: false, CacheKiB);
        }
        catch
        {
            turns.Release();
            throw;
        }
    }
}

/// <summary>A rented session as one snapshot.</summary>
internal sealed class SqliteRead : IReadSession
{
    private readonly SqliteReaders readers;
    private readonly SqliteSession session;
    private readonly bool inTransaction;
    private TimeSpan limit;

    public SqliteRead(SqliteReaders readers, SqliteSession session, bool manyStatements)
    {
        (this.readers, this.session, inTransaction, limit) = (readers, session, manyStatements, readers.Timeout);
        if (manyStatements)
            session.Prepare("BEGIN").Run();
    }

    public SqliteSession Session => session;

    public ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct) => new(Query(session, statement, map, ct, limit));

    public void LiftLimit() => limit = TimeSpan.Zero;

    public ValueTask DisposeAsync()
    {
        if (inTransaction && !session.IsAutocommit)
            session.Prepare("COMMIT").Run();
        readers.Return(session);
        return ValueTask.CompletedTask;
    }

    public static List<T> Query<T>(SqliteSession session, SqlStatement query, Func<IRow, T> map, CancellationToken ct, TimeSpan? timeout = null)
    {
        ct.ThrowIfCancellationRequested();
        using var stop = ct.Register(static s => ((SqliteSession)s!).Interrupt(), session);
        using var limit = timeout is { } most && most > TimeSpan.Zero ? new StatementLimit(session, most) : null;
        var statement = session.Prepare(query.Text);
        for (var i = 0; i < query.Arguments.Count; i++)
            statement.BindArgument(i + 1, query.Arguments[i]);
        var rows = new List<T>();
        try
        {
            while (statement.Step())
                rows.Add(map(statement));
        }
        catch (SqliteFault fault) when (fault.Code == SqliteNative.Interrupt && !ct.IsCancellationRequested)
        {
            throw new StorageTimeoutException("A statement ran longer than it may.", fault);
        }
        catch (SqliteFault fault)
        {
            throw fault.Translate();
        }
        finally
        {
            statement.Reset();
        }

        return rows;
    }

    /// <summary>Interrupts the session when the time is over, and surely not after it was disposed: the session then serves another.</summary>
    private sealed class StatementLimit : IDisposable
    {
        private readonly Timer timer;
        private SqliteSession? session;

        public StatementLimit(SqliteSession session, TimeSpan most)
        {
            this.session = session;
            timer = new Timer(static s => ((StatementLimit)s!).Stop(), this, most, System.Threading.Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            lock (timer)
                session = null;
            timer.Dispose();
        }

        private void Stop()
        {
            lock (timer)
                session?.Interrupt();
        }
    }
}
