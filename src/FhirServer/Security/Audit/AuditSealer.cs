using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Links durable rows into the node's chain, once a second; rows of the journal come into the table with it.</summary>
/// <remarks>
/// It seals what this process was told is durable, not what it finds in the table: a row that somebody takes away before it is sealed is missed
/// all the same. Only rows that a crash left unsealed are taken from the table, by their codes. See ADR 0017.
/// </remarks>
internal sealed partial class AuditSealer : IAsyncDisposable
{
    private const int MostRows = 20_000;
    private const int Attempts = 3;
    private const int CheckpointRows = 1000;
    private const int LookedAt = 1000;
    private const int MostWaiting = 100_000;
    private const int FilingsAtOnce = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(2);

    private readonly IResourceStore store;
    private readonly AuditLog audit;
    private readonly AuditKeyFolder keys;
    private readonly AuditNode node;
    private readonly AuditOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly Queue<AuditEntry> queue = new();
    private readonly List<(IReadOnlyList<AuditEntry> Entries, DateTimeOffset Since)> doubtful = [];
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SemaphoreSlim full = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<int, Position> positions = [];
    private Task loop = Task.CompletedTask;
    private DateTimeOffset looked;
    private bool isLost; // with the queue
    private volatile bool hasFailed;

    public AuditSealer(IResourceStore store, AuditLog audit, AuditKeyFolder keys, AuditNode node, AuditOptions options, TimeProvider clock, ILogger log) =>
        (this.store, this.audit, this.keys, this.node, this.options, this.clock, this.log) = (store, audit, keys, node, options, clock, log);

    /// <summary>False while the database takes nothing: then nobody's row may wait for it in the journal.</summary>
    public bool KeepsUp => !hasFailed && queue.Count < MostWaiting;

    /// <summary>Seals what was left on this chain before.</summary>
    public Task RecoverAsync() => RecoverAsync(node.Number);

    /// <summary>Goes on in the background.</summary>
    public void Start() => loop = RunAsync();

    /// <summary>False when the chain is lost: rows of the journal need another sealer then.</summary>
    public bool TryEnqueue(IReadOnlyList<AuditEntry> entries)
    {
        lock (queue)
        {
            if (isLost)
                return false;
            foreach (var entry in entries)
                if (entry.Part is not null || AuditNumbers.NodeOf(entry.Number) == node.Number) // else of a chain that was lost meanwhile
                    queue.Enqueue(entry);
            if (queue.Count < MostRows)
                return true;
        }

        Wake();
        return true;
    }

    public void LookFor(IReadOnlyList<AuditEntry> entries)
    {
        lock (doubtful)
            doubtful.Add((entries, clock.GetUtcNow()));
    }

    public async Task SealAllAsync()
    {
        await turn.WaitAsync();
        try
        {
            while (await SealAsync())
            {
            }

            hasFailed = false;
        }
        catch
        {
            hasFailed = true;
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Files what is due; false when there may be more.</summary>
    public Task<bool> FileAsync(bool isAll = false) => audit.Filer.FileAsync(node.Number, plan => node.Guard(plan, node.Number), FilingsAtOnce, isAll);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        try
        {
            await SettleDoubtsAsync();
            await SealAllAsync();
            await CheckpointAsync(force: true);
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or System.Data.Common.DbException or ObjectDisposedException)
        {
            Later(log, e); // the next start on this chain seals what is left
        }

        stopping.Dispose();
        turn.Dispose();
        full.Dispose();
    }

    private bool IsLost
    {
        get
        {
            lock (queue)
                return isLost;
        }
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested && !IsLost)
        {
            try
            {
                await full.WaitAsync(Every, stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await SealAllAsync();
                await CheckpointAsync(force: false);
                _ = await FileAsync();
                if (clock.GetUtcNow() - looked >= LookEvery)
                    await LookAsync();
            }
            catch (Exception e)
            {
                Later(log, e); // the rows stay in the queue
            }
        }
    }

    private void Wake()
    {
        try
        {
            if (full.CurrentCount == 0)
                full.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // awake already, or gone
        }
    }

    /// <summary>Seals the next rows; false when there was none.</summary>
    private async Task<bool> SealAsync()
    {
        List<AuditEntry> entries;
        lock (queue)
        {
            if (queue.Count == 0)
                return false;
            var secret = queue.Peek().Secret;
            entries = [.. queue.Take(MostRows).TakeWhile(e => e.Secret == secret)];
        }

        await SealAsync(node.Number, entries);
        lock (queue)
            for (var i = 0; i < entries.Count; i++)
                queue.Dequeue();
        return true;
    }

    /// <param name="floor">Set where other rows of the chain may still wait behind these.</param>
    private async Task SealAsync(int of, List<AuditEntry> entries, long? floor = null)
    {
        // A deadlock is told like a chain that another process has: only the second stays so when the chain's end is read anew.
        for (var attempt = 1; await TrySealAsync(of, entries, floor) is { } stale; attempt++)
        {
            if (attempt < Attempts)
                continue;
            if (of == node.Number)
                Lose();
            throw new StorageUnavailableException($"The audit could not be sealed: {stale.What}");
        }
    }

    /// <summary>Null when it is done. Whatever came in between, the chain's end is then read anew.</summary>
    private async Task<CommitResult.Stale?> TrySealAsync(int of, List<AuditEntry> entries, long? floor)
    {
        var at = await PositionAsync(of);
        var secret = entries[0].Secret;
        var journaled = entries.Where(e => e.Part is not null).ToArray();
        var added = AuditPack.Pack([.. journaled.Select(e => (e.Items[0], e.Body)).OrderBy(e => e.Item1.Number)], secret);
        AuditEntry[] rows = [.. entries.Where(e => e.Part is null), .. added];
        var count = rows.Sum(r => r.Items.Count);
        var seal = new SealRow(
            of, at.Ordinal + 1, clock.GetUtcNow().ToUnixTimeMilliseconds(), floor ?? audit.Floor(() => QueuedBehind(entries.Count)), count, secret.Name, AuditChain.Pack([.. rows.Select(r => r.Number)]), []);
        seal = seal with { Head = AuditChain.HeadOf(secret, at.Head, seal, rows.Select(r => r.Mac)) };

        var plan = new CommitPlan();
        node.Guard(plan, of);
        if (added.Count > 0)
            plan.Records.Add(AuditSql.AuditRows([.. added.Select(e => e.Number)], [.. Enumerable.Repeat(of, added.Count)], [.. added.Select(e => e.Body)], [.. added.Select(e => e.Mac)]));
        plan.Records.Add(AuditSql.SealRow(seal));
        positions.TryRemove(of, out _);
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
            return stale;

        audit.Stored(journaled);
        positions[of] = new(seal.Ordinal, seal.Head, at.Total + count, secret, at.CheckpointTotal, at.CheckpointAt);
        AuditAnchor.Write(keys.Folder, of, seal.Ordinal, seal.Head);
        audit.Filer.Sealed(of, seal.Ordinal, rows);
        return null;
    }

    /// <summary>Another process has this chain: the node begins another, and whoever has this one seals what was left.</summary>
    private void Lose()
    {
        List<AuditEntry> journaled;
        lock (queue)
        {
            isLost = true;
            journaled = [.. queue.Where(e => e.Part is not null)];
            queue.Clear();
        }

        audit.Reopen(this, journaled);
    }

    private long QueuedBehind(int count)
    {
        lock (queue)
            return queue.Skip(count).Select(e => e.Number).DefaultIfEmpty(long.MaxValue).Min();
    }

    /// <remarks>In the turn of sealing: what it notes of the chain's end must not be older than a seal made meanwhile.</remarks>
    private async Task CheckpointAsync(bool force)
    {
        await turn.WaitAsync();
        try
        {
            var of = node.Number;
            if (!positions.TryGetValue(of, out var at) || at.Total == at.CheckpointTotal)
                return;
            var now = clock.GetUtcNow();
            if (!force && at.Total - at.CheckpointTotal < CheckpointRows && now - at.CheckpointAt < CheckpointEvery)
                return;

            var checkpoint = new CheckpointRow(at.Ordinal, now.ToUnixTimeMilliseconds(), at.Total, at.Secret.Name, at.Head, []);
            checkpoint = checkpoint with { Signature = at.Secret.Sign(AuditChain.TextOf(of, checkpoint)) };
            var plan = new CommitPlan();
            node.Guard(plan, of);
            plan.Records.Add(AuditSql.CheckpointRow(of, checkpoint));
            if (await store.CommitAsync(plan, CancellationToken.None) is not CommitResult.Committed)
                return;
            positions[of] = at with { CheckpointTotal = at.Total, CheckpointAt = now };
            await SendAsync(of, checkpoint);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SendAsync(int of, CheckpointRow checkpoint)
    {
        if (options.Checkpoints.File is not { Length: > 0 } file)
            return;
        try
        {
            await System.IO.File.AppendAllTextAsync(file, JsonSerializer.Serialize(new
            {
                node = of,
                seal = checkpoint.Ordinal,
                rows = checkpoint.Total,
                at = checkpoint.Made,
                key = checkpoint.KeyName,
                head = Convert.ToHexStringLower(checkpoint.Head),
                signature = Convert.ToBase64String(checkpoint.Signature),
            }) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotSent(log, e, file); // it stands in the database as well; the file catches up with the next
        }
    }

    /// <summary>What is seldom needed: rows of unknown fate, and chains whose process died.</summary>
    private async Task LookAsync()
    {
        looked = clock.GetUtcNow();
        if (!await node.RenewAsync())
        {
            Lose();
            return;
        }

        await SettleDoubtsAsync();
        foreach (var left in await node.LeftAsync())
        {
            await RecoverAsync(left);
            _ = await audit.Filer.FileAsync(left, plan => node.Guard(plan, left), FilingsAtOnce);
        }
    }

    private async Task SettleDoubtsAsync()
    {
        List<(IReadOnlyList<AuditEntry> Entries, DateTimeOffset Since)> looking;
        lock (doubtful)
            looking = [.. doubtful];
        foreach (var one in looking)
        {
            var there = (await audit.QueryAsync(AuditSql.Rows(store.Dialect, [.. one.Entries.Select(e => e.Number)]), r => r.Int64(0))).ToHashSet();
            if (there.Count == 0 && clock.GetUtcNow() - one.Since < GiveUpAfter)
                continue;
            lock (doubtful)
                doubtful.Remove(one);
            foreach (var entry in one.Entries)
                audit.Settle(entry);
            _ = TryEnqueue([.. one.Entries.Where(e => there.Contains(e.Number))]);
        }
    }

    /// <summary>Seals rows that a process stored and did not live to seal.</summary>
    private async Task RecoverAsync(int of)
    {
        var at = await PositionAsync(of);
        var last = await audit.QueryAsync(AuditSql.LastSeal(store.Dialect, of), AuditSql.ReadSeal);
        var floor = last is [var seal] ? seal.Floor : 0;
        var known = new HashSet<long>();
        for (var ordinal = at.Ordinal; ordinal > 0 && at.Ordinal - ordinal < 20_000; ordinal -= 200)
        {
            // Seals whose rows lie behind the floor are the last few; those before hold smaller keys.
            var some = await audit.QueryAsync(AuditSql.Seals(store.Dialect, of, Math.Max(0, ordinal - 200), 200), AuditSql.ReadSeal);
            var found = some.SelectMany(s => AuditChain.Unpack(s.Members) ?? []).Where(n => n >= floor).ToList();
            known.UnionWith(found);
            if (found.Count == 0)
                break;
        }

        var after = floor - 1;
        while (true)
        {
            var rows = await audit.QueryAsync(AuditSql.After(store.Dialect, after, long.MaxValue, LookedAt), AuditRow.Read);
            if (rows.Count == 0)
                break;
            after = rows[^1].Number;
            foreach (var group in rows.Where(r => r.Node == of && !known.Contains(r.Number)).Select(Entry).OfType<AuditEntry>().GroupBy(e => e.Secret))
            {
                await SealAsync(of, [.. group], floor: group.Min(e => e.Number));
                Recovered(log, group.Count(), of);
            }
        }
    }

    /// <summary>Null for a row that is not ours; verify names it.</summary>
    private AuditEntry? Entry(AuditRow row) =>
        keys.All.FirstOrDefault(s => s.IsMac(row.Number, row.Body, row.Mac)) is { } secret && AuditPack.Read(row.Number, row.Body) is { } items
            ? new(row.Number, [.. items.Select(i => new AuditTagged(i.Number, audit.TermsOf(i.Record)))], row.Body, secret) : null;

    private async Task<Position> PositionAsync(int of)
    {
        if (positions.TryGetValue(of, out var known) && of == node.Number)
            return known;
        var last = await audit.QueryAsync(AuditSql.LastSeal(store.Dialect, of), AuditSql.ReadSeal);
        var secret = last is [var sealedLast] ? keys.Find(sealedLast.KeyName) : keys.Newest;
        if (last is not [var seal])
            return positions[of] = new(0, AuditChain.Start, 0, secret!, 0, clock.GetUtcNow());
        var checkpoints = await audit.QueryAsync(AuditSql.Checkpoints(store.Dialect, of), AuditSql.ReadCheckpoint);
        var (counted, until) = checkpoints is [.., var newest] ? (newest.Total, newest.Ordinal) : (0, 0);
        var total = counted + (await audit.QueryAsync(AuditSql.SealedAfter(store.Dialect, of, until), r => r.IsNull(0) ? 0 : r.Int64(0)))[0];
        return positions[of] = new(seal.Ordinal, seal.Head, total, secret ?? throw new StorageUnavailableException(
            string.Create(CultureInfo.InvariantCulture, $"The secret {seal.KeyName} of the audit is not here.")), counted, clock.GetUtcNow());
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit could not be sealed just now; it is tried again")]
    private static partial void Later(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "A checkpoint of the audit could not be appended to {File}")]
    private static partial void NotSent(ILogger log, Exception e, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} audit rows of node {Node} were stored by a process that died before it sealed them; they are sealed now")]
    private static partial void Recovered(ILogger log, int count, int node);

    private sealed record Position(long Ordinal, byte[] Head, long Total, AuditSecret Secret, long CheckpointTotal, DateTimeOffset CheckpointAt);
}
