using Npgsql;

namespace FhirEmr.FhirServer.Storage.Cache;

/// <summary>
/// Whether this process alone writes a PostgreSQL database: only then may it answer from memory. The first node holds an advisory lock exclusively;
/// a second one asks it to share and does not serve before it does. From then on both read from the database, until both were stopped.
/// </summary>
/// <remarks>
/// The lock lives with its session, which is asked every <see cref="Beat"/>. A holder without an answer for <see cref="Trust"/> neither answers from memory nor
/// writes; who gets the lock from one that did not say good-bye waits <see cref="Patience"/>, which is longer. So at no time can one node write while
/// another answers from memory.
/// </remarks>
internal sealed class SoleNode : IAsyncDisposable
{
    private const string Channel = "fhiremr_node";
    private const string Lock = "5077148226081320449"; // any number that nobody else locks
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250), Trust = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(1.5);

    private readonly string connectionString;
    private readonly Action<bool> tell;
    private readonly ILogger log;
    private readonly CancellationTokenSource stop = new();
    private NpgsqlConnection? session;
    private Task watch = Task.CompletedTask;
    private bool isAlone;
    private bool isAsked;
    private long confirmed;

    /// <param name="connectionString">Of a connection that is not pooled: a pool would keep the lock of a session given back.</param>
    /// <param name="tell">Told when the node is alone (true) or no longer (false), before anyone else is let in.</param>
    public SoleNode(string connectionString, Action<bool> tell, ILogger log)
    {
        this.connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
        (this.tell, this.log) = (tell, log);
    }

    /// <summary>The database has confirmed lately that the lock is still ours.</summary>
    public bool IsCertain => Environment.TickCount64 - Interlocked.Read(ref confirmed) < (long)Trust.TotalMilliseconds;

    /// <summary>A node that keeps no records in memory says so once: from then on no other may (behind PgBouncer in transaction mode there are no locks of a session).</summary>
    public static async Task StayOutAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"INSERT INTO Setting (Name, Value) VALUES ('SoleNode', 'off') ON CONFLICT (Name) DO UPDATE SET Value = 'off' WHERE Setting.Value <> 'off'; NOTIFY {Channel}");
        if (await command.ExecuteNonQueryAsync(ct) > 0)
            await Task.Delay(Patience, ct);
    }

    /// <summary>Waits a little for a session that is being opened again.</summary>
    public async Task<bool> BecomesCertainAsync()
    {
        for (var waited = 0; waited < 50 && !IsCertain; waited++)
            await Task.Delay(100, CancellationToken.None);
        return IsCertain;
    }

    /// <summary>Returns when this node may serve: alone, or with the others knowing of it.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await JoinAsync(ct);
        watch = Task.Run(WatchAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watch;
        if (session is not null)
        {
            try
            {
                if (isAlone)
                    await ExecuteAsync("UPDATE Setting SET Value = 'left' WHERE Name = 'SoleNode' AND Value = 'here'", CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // Unsaid good-byes cost the next node a moment's wait.
            }

            await session.DisposeAsync();
        }

        stop.Dispose();
    }

    private async Task JoinAsync(CancellationToken ct)
    {
        var opened = new NpgsqlConnection(connectionString);
        opened.Notification += (_, _) => isAsked = true;
        session = opened;
        await opened.OpenAsync(ct);
        await ExecuteAsync($"LISTEN {Channel}", ct);
        isAsked = false;
        var alone = await AskAsync($"SELECT pg_try_advisory_lock({Lock})", ct);
        while (!alone && !await AskAsync($"SELECT pg_try_advisory_lock_shared({Lock})", ct))
        {
            await ExecuteAsync($"NOTIFY {Channel}", ct);
            await Task.Delay(TimeSpan.FromMilliseconds(30), ct);
        }

        if (alone)
        {
            var left = await TextAsync("SELECT Value FROM Setting WHERE Name = 'SoleNode'", ct);
            isAsked |= left == "off";
            await ExecuteAsync("INSERT INTO Setting (Name, Value) VALUES ('SoleNode', 'here') ON CONFLICT (Name) DO UPDATE SET Value = 'here' WHERE Setting.Value <> 'off'", ct);
            for (var waited = TimeSpan.Zero; left is "here" && waited < Patience && !isAsked; waited += Beat)
                await opened.WaitAsync(Beat, ct);
        }

        Confirm();
        (isAlone, var share) = (alone, isAsked);
        if (alone && share)
            await ShareAsync(ct);
        tell(isAlone);
    }

    private async Task WatchAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await session!.WaitAsync(Beat, stop.Token);
                var asking = Environment.TickCount64;
                await ExecuteAsync("SELECT 1", stop.Token);
                Interlocked.Exchange(ref confirmed, asking);
                if (isAlone && isAsked)
                    await ShareAsync(stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException or System.Net.Sockets.SocketException)
            {
                log.LogWarning("The session that holds this node's lock is gone ({Reason}); joining again", e.GetType().Name);
                await RejoinAsync();
            }
        }
    }

    private async Task RejoinAsync()
    {
        Interlocked.Exchange(ref confirmed, 0);
        tell(false);
        while (!stop.IsCancellationRequested)
            try
            {
                await session!.DisposeAsync();
                await JoinAsync(stop.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException or System.Net.Sockets.SocketException)
            {
                await Task.Delay(Beat, CancellationToken.None);
            }
    }

    /// <summary>Lets the others in, after this node has emptied its memory.</summary>
    private async Task ShareAsync(CancellationToken ct)
    {
        isAlone = false;
        tell(false);
        await ExecuteAsync($"SELECT pg_advisory_lock_shared({Lock})", ct);
        await ExecuteAsync($"SELECT pg_advisory_unlock({Lock})", ct);
        log.LogInformation("Another node has joined: records are read from the database from now on");
    }

    private void Confirm() => Interlocked.Exchange(ref confirmed, Environment.TickCount64);

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 1 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<bool> AskAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<string?> TextAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (string?)await command.ExecuteScalarAsync(ct);
    }
}
