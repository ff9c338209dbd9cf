using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Files sealed records under what they are searched by, tens of thousands at a time or those of ten seconds; until then a search looks through them one by one.</summary>
/// <remarks>
/// What most records have in common costs a bit each then, however slowly they come. How far a node's seals are filed stands in its last segment: a store
/// whose records were never filed, or under an older scheme, is simply filed from its first seal on, some segments a commit.
/// </remarks>
internal sealed class AuditFiler(AuditLog log, AuditKeyFolder keys, IResourceStore store, TimeProvider clock) : IDisposable
{
    private const int SealsAtOnce = 200;
    private const int RowsAtOnce = 500;
    private const int PostingsAtOnce = 2048;

    /// <summary>So many are filed together: each commit writes most pages of the postings anew, which of a few thousand records at a time is twenty times what they are long.</summary>
    private const int Together = 8 * AuditSegment.Most;

    /// <summary>Those of a segment do not wait longer for others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Dictionary<int, Tail> tails = [];

    /// <summary>A seal that this process has just made: its records need not be read again.</summary>
    public void Sealed(int node, long ordinal, IReadOnlyList<AuditEntry> entries)
    {
        lock (tails)
            if (tails.TryGetValue(node, out var tail) && tail.Read == ordinal - 1)
                tail.Add(ordinal, entries.SelectMany(e => e.Items.Select(i => new AuditFiling(i.Number, e.Number, ordinal, i.Terms))));
    }

    /// <summary>Files what is due on a chain that nobody else writes now; false when there may be more.</summary>
    /// <param name="guard">Makes the commit fail unless the chain is still ours.</param>
    /// <param name="isAll">The last few, too, that otherwise wait for company.</param>
    public async Task<bool> FileAsync(int node, Action<CommitPlan> guard, int most, bool isAll = false)
    {
        lock (tails)
            if (!isAll && tails.TryGetValue(node, out var known) && !IsDue(known))
                return true;
        await turn.WaitAsync();
        try
        {
            for (var done = 0; done < most; done++)
            {
                var tail = await LoadAsync(node, (await FiledThroughAsync()).GetValueOrDefault(node), Together);
                var (taken, through) = Take(tail, isAll);
                if (taken.Count == 0)
                    return true;
                var plan = new CommitPlan();
                guard(plan);
                var segments = AuditSegment.Of(node, tail.Filed, through, taken, keys.Newest ?? throw new StorageUnavailableException("The secret of the audit is gone from its folder."));
                plan.Records.AddRange(segments.Select(s => AuditFileSql.SegmentRow(s.Row)));
                plan.Records.AddRange(AuditSegment.InOrder(segments).Chunk(PostingsAtOnce).Select(p => AuditFileSql.PostingRows(
                    Array.ConvertAll(p, r => r.Term), Array.ConvertAll(p, r => r.Last), Array.ConvertAll(p, r => r.Positions))));
                if (await store.CommitAsync(plan, CancellationToken.None) is not CommitResult.Committed)
                {
                    lock (tails)
                        tails.Remove(node); // another has the chain, or has filed the same
                    return true;
                }

                lock (tails)
                    tail.Remove(through);
            }

            return false;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Records of all chains that are not filed.</summary>
    public async Task<IReadOnlyList<(int Node, AuditFiling Filing)>> UnfiledAsync()
    {
        await turn.WaitAsync();
        try
        {
            var unfiled = new List<(int, AuditFiling)>();
            var through = await FiledThroughAsync();
            foreach (var node in await log.QueryAsync(AuditSql.Nodes, r => (int)r.Int64(0)))
            {
                var tail = await LoadAsync(node, through.GetValueOrDefault(node), int.MaxValue);
                lock (tails)
                    unfiled.AddRange(tail.Filings.Select(f => (node, f)));
            }

            return unfiled;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private bool IsDue(Tail tail) => tail.Filings.Count >= Together
        || (tail.Filings.Count >= AuditSegment.Most && clock.GetUtcNow() - AuditNumbers.TimeOf(tail.Filings[0].Number) >= Patience);

    private (List<AuditFiling> Taken, long Through) Take(Tail tail, bool isAll)
    {
        lock (tails)
        {
            if (tail.Filings.Count < Together)
                return isAll || IsDue(tail) ? ([.. tail.Filings], tail.Read) : ([], 0);
            var through = tail.Filings[Together - 1].Ordinal;
            return ([.. tail.Filings.TakeWhile(f => f.Ordinal <= through)], through);
        }
    }

    private async Task<Dictionary<int, long>> FiledThroughAsync() =>
        (await log.QueryAsync(AuditFileSql.FiledThrough, r => (Node: (int)r.Int64(0), Through: r.Int64(1)))).ToDictionary(f => f.Node, f => f.Through);

    /// <summary>Reads on behind what is known of a chain.</summary>
    /// <param name="enough">So many records are enough.</param>
    private async Task<Tail> LoadAsync(int node, long filed, int enough)
    {
        Tail? tail;
        lock (tails)
        {
            if (!tails.TryGetValue(node, out tail) || tail.Filed > filed)
                tails[node] = tail = new() { Filed = filed, Read = filed };
            else if (tail.Filed < filed)
                tail.Remove(filed);
        }

        while (true)
        {
            long read;
            lock (tails)
            {
                if (tail.Filings.Count >= enough)
                    return tail;
                read = tail.Read;
            }

            var seals = await log.QueryAsync(AuditSql.Seals(store.Dialect, node, read, SealsAtOnce), AuditSql.ReadSeal);
            if (seals.Count == 0)
                return tail;
            for (var at = 0; at < seals.Count;)
            {
                var some = new List<(long Ordinal, List<long> Rows)>();
                for (var wanted = 0; at < seals.Count && wanted < RowsAtOnce; at++)
                {
                    some.Add((seals[at].Ordinal, AuditChain.Unpack(seals[at].Members) ?? []));
                    wanted += some[^1].Rows.Count;
                }

                var filings = new Dictionary<long, List<AuditFiling>>();
                foreach (var chunk in some.SelectMany(s => s.Rows.Select(r => (Row: r, s.Ordinal))).Chunk(RowsAtOnce))
                {
                    var ordinals = chunk.ToDictionary(r => r.Row, r => r.Ordinal);
                    foreach (var row in await log.QueryAsync(AuditSql.Rows(store.Dialect, [.. ordinals.Keys]), AuditRow.Read))
                        filings[row.Number] = [.. FilingsOf(row.Number, ordinals[row.Number], AuditPack.Read(row.Number, row.Body) ?? [])]; // verify names one that cannot be read
                }

                lock (tails)
                {
                    foreach (var (ordinal, rows) in some)
                        if (ordinal > tail.Read)
                            tail.Add(ordinal, rows.SelectMany(r => filings.GetValueOrDefault(r) ?? []));
                    if (tail.Filings.Count >= enough)
                        return tail;
                }
            }
        }
    }

    private IEnumerable<AuditFiling> FilingsOf(long row, long ordinal, IReadOnlyList<AuditItem> items) =>
        items.Select(i => new AuditFiling(i.Number, row, ordinal, log.TermsOf(i.Record)));

    /// <summary>What is not filed of one chain, in the order of its seals.</summary>
    private sealed class Tail
    {
        public List<AuditFiling> Filings { get; } = [];

        public long Filed { get; set; }

        public long Read { get; set; }

        public void Add(long ordinal, IEnumerable<AuditFiling> filings)
        {
            Filings.AddRange(filings);
            Read = ordinal;
        }

        public void Remove(long through)
        {
            var count = Filings.FindIndex(f => f.Ordinal > through);
            Filings.RemoveRange(0, count < 0 ? Filings.Count : count);
            (Filed, Read) = (through, Math.Max(Read, through));
        }
    }
}
