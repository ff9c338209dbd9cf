using System.Text;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The audit of this node: takes records, makes them durable, and has them sealed in the order in which they became so.</summary>
/// <remarks>
/// Security.md S-51: what changes something carries its rows in its own commit; all else is written here and waited for: requests into a journal, and
/// security events, commands and jobs into the table. When a row cannot be stored, whoever caused it gets an exception instead of an answer.
/// </remarks>
internal sealed class AuditLog : IAsyncDisposable
{
    private readonly IResourceStore store;
    private readonly AuditKeyFolder keys;
    private readonly AuditJournal journal;
    private readonly AuditOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<AuditLog> log;
    private readonly Func<string, long> hashOf;
    private readonly Lock gate = new();
    private readonly HashSet<long> open = [];
    private readonly List<Waiting> waiting = [];
    private readonly List<AuditEntry> journaled = []; // that no sealer has
    private Task? started;
    private bool isJournalRead;
    private AuditNumbers? numbers;
    private AuditSealer? sealer;
    private AuditNode? node;
    private int writers;

    public AuditLog(IResourceStore store, AuditKeyFolder keys, AuditJournal journal, IOptions<AuditOptions> options, TimeProvider clock, ILogger<AuditLog> log)
    {
        (this.store, this.keys, this.journal, this.options, this.clock, this.log, Filer) = (store, keys, journal, options.Value, clock, log, new(this, keys, store, clock));
        hashOf = HashOf;
    }

    public AuditFiler Filer { get; }

    public bool IsEnabled => options.Enabled;

    /// <summary>What may be waiting for the disk at once: SQLite has one writer that groups by itself; elsewhere a few commits overlap.</summary>
    private int MostWriters => IsFile ? 64 : 4;

    private int MostTogether => IsFile ? 1 : 512;

    private bool IsFile => store.Dialect == Storage.Query.SqlDialect.Sqlite;

    /// <summary>Opens the audit once the store is open; every later call is free.</summary>
    /// <exception cref="StorageRefusedException">The secrets that belong to this store are not here, or it may not run without an audit.</exception>
    public ValueTask ReadyAsync()
    {
        var ready = Volatile.Read(ref started);
        return ready is { IsCompletedSuccessfully: true } ? ValueTask.CompletedTask : new(StartOnceAsync());
    }

    /// <summary>Gives the record its place, for a row by itself; it must then be written, and its fate be told.</summary>
    public AuditEntry Enter(AuditRecord record)
    {
        var secret = Secret();
        var body = AuditCodec.Write(record);
        long number;
        lock (gate)
        {
            number = numbers!.Next();
            open.Add(number);
        }

        return new(number, [new(number, TermsOf(record))], body, secret) { IsOfRequest = record.Type == "rest" };
    }

    /// <summary>Gives records their places, for a commit that stores them together; their fate must then be told.</summary>
    public IReadOnlyList<AuditEntry> Enter(IReadOnlyList<AuditRecord> records)
    {
        var secret = Secret();
        var taken = new long[records.Count];
        lock (gate)
            for (var i = 0; i < taken.Length; i++)
            {
                taken[i] = numbers!.Next();
                open.Add(taken[i]);
            }

        return AuditPack.Pack([.. taken.Zip(records, (n, r) => (new AuditTagged(n, TermsOf(r)), AuditCodec.Write(r)))], secret);
    }

    public static void AddTo(CommitPlan plan, IReadOnlyList<AuditEntry> entries) => plan.Records.Add(AuditSql.AuditRows(
        [.. entries.Select(e => e.Number)], [.. entries.Select(e => AuditNumbers.NodeOf(e.Number))], [.. entries.Select(e => e.Body)], [.. entries.Select(e => e.Mac)]));

    /// <summary>The rows are durable: they are sealed next.</summary>
    public void Committed(IReadOnlyList<AuditEntry> entries)
    {
        lock (gate)
        {
            Close(entries);
            if (!sealer!.TryEnqueue(entries))
                journaled.AddRange(entries.Where(e => e.Part is not null));
        }
    }

    /// <summary>The rows were surely not stored.</summary>
    public void Dropped(IReadOnlyList<AuditEntry> entries)
    {
        lock (gate)
            Close(entries);
    }

    /// <summary>Nobody knows whether the rows were stored: the sealer looks.</summary>
    public void Doubtful(IReadOnlyList<AuditEntry> entries) => sealer!.LookFor(entries);

    /// <summary>Stores rows by themselves; returns when they are durable.</summary>
    public Task WriteAsync(IReadOnlyList<AuditEntry> entries)
    {
        if (entries.Count == 0)
            return Task.CompletedTask;
        if (CanBeJournaled(entries) && journal.Append(entries, StoreId))
        {
            Committed(entries);
            return Task.CompletedTask;
        }

        var one = new Waiting(Packed(entries));
        lock (waiting)
        {
            waiting.Add(one);
            if (writers == MostWriters)
                return one.Done.Task;
            writers++;
        }

        _ = DrainAsync();
        return one.Done.Task;
    }

    /// <summary>Records something by itself: a security event, a command, a job.</summary>
    public async Task RecordAsync(AuditRecord record)
    {
        if (!IsEnabled)
            return;
        await ReadyAsync();
        await WriteAsync([Enter(record)]);
    }

    /// <summary>Seals and files everything stored until now, so that it can be searched and verified.</summary>
    public async Task SealAsync()
    {
        if (!IsEnabled)
            return;
        await ReadyAsync();
        await sealer!.SealAllAsync();
    }

    /// <summary>Files what waits to be filed: what is left is looked through one by one by every search.</summary>
    /// <param name="isAll">The last few, too, that otherwise wait for company.</param>
    public async Task FileAsync(bool isAll = false)
    {
        while (!await sealer!.FileAsync(isAll))
        {
        }
    }

    /// <summary>A record by its key, wherever in a row it is; null when it is not in the table.</summary>
    internal async Task<AuditRecord?> FindAsync(long number)
    {
        foreach (var row in await RowsAroundAsync(number))
            if (AuditPack.NumbersOf(row.Number, row.Body)?.Contains(number) == true)
                return AuditPack.Read(row.Number, row.Body, [number])[0];
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (started is not { IsCompletedSuccessfully: true } || sealer is null)
            return;
        await sealer.DisposeAsync();
        Filer.Dispose();
        journal.Dispose();
        await node!.ReleaseAsync();
    }

    /// <summary>The smallest key that may still come to be sealed.</summary>
    /// <param name="queued">The smallest among those that wait to be sealed; asked while no row can pass from the one to the other.</param>
    internal long Floor(Func<long> queued)
    {
        lock (gate)
            return Math.Min(queued(), open.Count > 0 ? open.Min() : numbers!.Next());
    }

    /// <summary>The chain went to another process: the next request takes another.</summary>
    /// <param name="left">Rows of the journal: whoever has the chain by now does not find them in the table.</param>
    internal void Reopen(AuditSealer lost, IEnumerable<AuditEntry> left)
    {
        lock (gate)
        {
            journaled.AddRange(left);
            if (sealer == lost)
                started = null;
        }
    }

    /// <summary>Rows of the journal that are in the table by now.</summary>
    internal void Stored(IEnumerable<AuditEntry> entries) => journal.Stored(entries);

    internal void Settle(AuditEntry entry)
    {
        lock (gate)
            Close([entry]);
    }

    /// <summary>The keyed hash of a fixed text: each store has a key of its own.</summary>
    private long StoreId => HashOf("audit journal");

    internal long[] TermsOf(AuditRecord record) => AuditTerms.Of(record, hashOf);

    /// <summary>What a text is searched by.</summary>
    internal long HashOf(string text)
    {
        Span<byte> bytes = text.Length <= 200 ? stackalloc byte[600] : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        return store.Symbols.Hash(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private Task StartOnceAsync()
    {
        lock (gate)
        {
            if (started is null or { IsFaulted: true })
                started = StartAsync();
            return started;
        }
    }

    private async Task StartAsync()
    {
        await Task.Yield(); // the gate is not held while the database answers
        if (!IsEnabled)
        {
            await AuditSwitch.AllowOffAsync(store, clock);
            return;
        }

        await FindSecretAsync();
        var newest = await FirstAsync(AuditSql.NewestNumber);
        node = await AuditNode.ClaimAsync(store, clock);
        numbers = new AuditNumbers(node.Number, newest, clock);
        var next = new AuditSealer(store, this, keys, node, options, clock, log);
        await next.RecoverAsync();
        await AdoptAsync(next);
        lock (gate)
        {
            sealer = next;
            _ = next.TryEnqueue(journaled);
            journaled.Clear();
        }

        next.Start();
    }

    /// <summary>Gives a sealer what processes before this one, and sealers before it, have left in the journal.</summary>
    private async Task AdoptAsync(AuditSealer next)
    {
        if (!isJournalRead)
        {
            var left = journal.TakeLeft(StoreId, keys.All, TermsOf);
            isJournalRead = true;
            lock (gate)
                journaled.AddRange(left);
        }

        AuditEntry[] some;
        lock (gate)
            some = [.. journaled];
        foreach (var chunk in some.Chunk(1000))
        {
            // They come into the table together with their seal: what is there is sealed, too.
            var there = new HashSet<long>();
            foreach (var second in chunk.GroupBy(e => AuditPack.EarliestRow(e.Number)))
                foreach (var row in await RowsAroundAsync(second.Max(e => e.Number)))
                    there.UnionWith(AuditPack.NumbersOf(row.Number, row.Body) ?? []);
            journal.Stored(chunk.Where(e => there.Contains(e.Number)));
            lock (gate)
                journaled.RemoveRange(0, chunk.Length);
            _ = next.TryEnqueue([.. chunk.Where(e => !there.Contains(e.Number))]);
        }
    }

    /// <summary>Only what a request asked for, and only while the sealer brings the journal into the table.</summary>
    private bool CanBeJournaled(IReadOnlyList<AuditEntry> entries) =>
        !options.ReadsWaitForDisk && sealer is { KeepsUp: true } && entries.All(e => e.IsOfRequest);

    /// <summary>A store that was never audited gets a secret; one whose secret is missing is not served.</summary>
    private async Task FindSecretAsync()
    {
        var sealedBy = await QueryAsync(AuditSql.SealedWith, r => r.Text(0));
        foreach (var known in await QueryAsync(AuditSql.Nodes, r => (int)r.Int64(0)))
            sealedBy.AddRange(await QueryAsync(AuditSql.LastSeal(store.Dialect, known), r => r.Text(5)));
        if (sealedBy.FirstOrDefault(name => keys.Find(name) is null) is { } missing)
            throw new StorageRefusedException(
                $"The audit of this store was sealed with {missing}, and {Path.Combine(keys.Folder, missing)}.key is not there: put it back from where keys are kept. Without it nobody can tell whether the audit is genuine.");
        if (keys.Newest is null)
            keys.Add();
    }

    private AuditSecret Secret() => keys.Newest ?? throw new StorageUnavailableException("The secret of the audit is gone from its folder.");

    /// <summary>No longer under way.</summary>
    private void Close(IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in entries)
            foreach (var item in entry.Items)
                open.Remove(item.Number);
    }

    /// <summary>Rows of one record each, made for the journal, as the table has them.</summary>
    private static List<AuditEntry> Packed(IReadOnlyList<AuditEntry> entries) =>
        [.. entries.GroupBy(e => e.Secret).SelectMany(g => AuditPack.Pack([.. g.OrderBy(e => e.Number).Select(e => (e.Items[0], e.Body))], g.Key))];

    /// <summary>Rows that can have a record of that key.</summary>
    private async Task<List<AuditRow>> RowsAroundAsync(long number)
    {
        var rows = new List<AuditRow>();
        for (var (from, until) = (AuditPack.EarliestRow(number), number); until >= from;)
        {
            var some = await QueryAsync(AuditSql.Around(store.Dialect, from, until, 500), AuditRow.Read);
            rows.AddRange(some.Where(r => AuditNumbers.NodeOf(r.Number) == AuditNumbers.NodeOf(number)));
            if (some.Count == 0)
                break;
            until = some[^1].Number - 1;
        }

        return rows;
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            List<Waiting> together;
            lock (waiting)
            {
                if (waiting.Count == 0)
                {
                    writers--;
                    return;
                }

                var take = Math.Min(MostTogether, waiting.Count);
                together = waiting.GetRange(0, take);
                waiting.RemoveRange(0, take);
            }

            await CommitAsync(together);
        }
    }

    private async Task CommitAsync(List<Waiting> together)
    {
        var entries = together is [var only] ? only.Entries : [.. together.SelectMany(w => w.Entries)];
        CommitResult result;
        try
        {
            var plan = new CommitPlan();
            AddTo(plan, entries);
            result = await store.CommitAsync(plan, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(e, "{Count} audit rows could not be stored", entries.Count);
            Doubtful(entries);
            foreach (var one in together)
                one.Done.SetException(e);
            return;
        }

        if (result is CommitResult.Stale stale)
        {
            Dropped(entries);
            foreach (var one in together)
                one.Done.SetException(new StorageUnavailableException($"The audit could not be written: {stale.What}"));
            return;
        }

        Committed(entries);
        foreach (var one in together)
            one.Done.SetResult();
    }

    internal ValueTask<Storage.Query.IReadSession> OpenAsync() => store.SnapshotAsync(Access.SystemPlans.Audit, CancellationToken.None);

    internal async Task<List<T>> QueryAsync<T>(Storage.Query.SqlStatement statement, Func<Storage.Query.IRow, T> map)
    {
        await using var session = await OpenAsync();
        return await session.QueryAsync(statement, map, CancellationToken.None);
    }

    private async Task<long> FirstAsync(Storage.Query.SqlStatement statement) =>
        await QueryAsync(statement, r => r.IsNull(0) ? 0 : r.Int64(0)) is [var first] ? first : 0;

    private sealed record Waiting(IReadOnlyList<AuditEntry> Entries)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
