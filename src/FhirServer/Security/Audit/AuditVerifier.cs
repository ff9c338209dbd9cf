using System.Globalization;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Goes through the chains and tells what is not as it was written: changed, removed, inserted, reordered, cut off (security.md S-53).</summary>
internal sealed class AuditVerifier(AuditLog log, AuditKeyFolder keys, IResourceStore store)
{
    private const int SealsAtOnce = 400;
    private const int RowsAtOnce = 1000;

    public async Task<AuditVerdict> RunAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken ct)
    {
        await log.SealAsync();
        var verdict = new AuditVerdict();
        var filed = (await log.QueryAsync(AuditFileSql.FiledThrough, r => (Node: (int)r.Int64(0), Through: r.Int64(1)))).ToDictionary(f => f.Node, f => f.Through); // what comes later is for the next time
        var sealedNodes = await log.QueryAsync(AuditSql.SealedNodes, r => (int)r.Int64(0));
        var members = new List<long>();
        var floors = new Dictionary<int, long>();
        var records = new Dictionary<int, SortedList<long, long>>();
        foreach (var node in sealedNodes.Union(from is null && until is null ? AuditAnchor.Nodes(keys.Folder) : []).Order())
            await NodeAsync(node, from, until, members, floors, records[node] = [], verdict, ct);
        await StrangersAsync(from, until, members, floors, verdict, ct);
        if (from is null && until is null)
            await FiledAsync(filed, records, verdict, ct);
        return verdict;
    }

    private async Task NodeAsync(int node, DateTimeOffset? from, DateTimeOffset? until, List<long> members, Dictionary<int, long> floors, SortedList<long, long> records, AuditVerdict verdict, CancellationToken ct)
    {
        var (ordinal, head, total) = (0L, AuditChain.Start, 0L);
        if (from is { } since)
        {
            ordinal = (await log.QueryAsync(AuditSql.SealBefore(store.Dialect, node, since.ToUnixTimeMilliseconds()), r => r.IsNull(0) ? 0 : r.Int64(0)))[0];
            if (ordinal > 0)
                head = (await log.QueryAsync(AuditSql.Seals(store.Dialect, node, ordinal - 1, 1), AuditSql.ReadSeal))[0].Head;
        }

        var heads = new Dictionary<long, (byte[] Head, long Total)> { [ordinal] = (head, total) };
        var checkpoints = await log.QueryAsync(AuditSql.Checkpoints(store.Dialect, node), AuditSql.ReadCheckpoint);
        var wanted = checkpoints.Select(c => c.Ordinal).ToHashSet();
        var anchor = AuditAnchor.Read(keys.Folder, node);
        if (anchor is { } kept)
            wanted.Add(kept.Ordinal);
        var isOver = false;
        while (!isOver)
        {
            ct.ThrowIfCancellationRequested();
            var seals = await log.QueryAsync(AuditSql.Seals(store.Dialect, node, ordinal, SealsAtOnce), AuditSql.ReadSeal);
            if (seals.Count == 0)
                break;
            for (var at = 0; at < seals.Count && !isOver;)
            {
                var (some, rows) = await RowsAsync(seals, at);
                foreach (var (seal, numbers) in some)
                {
                    if (until is { } end && seal.Sealed >= end.ToUnixTimeMilliseconds())
                    {
                        isOver = true;
                        break;
                    }

                    Check(seal, numbers, rows, ref ordinal, ref head, verdict);
                    floors[node] = seal.Floor;
                    records[seal.Ordinal] = total += seal.Count;
                    if (numbers is not null)
                        members.AddRange(numbers);
                    if (wanted.Contains(seal.Ordinal))
                        heads[seal.Ordinal] = (seal.Head, total);
                }

                at += some.Count;
            }
        }

        if (until is not null)
            return;
        if (anchor is var (last, anchored) && ordinal < last)
            verdict.Add("cut-off", string.Create(CultureInfo.InvariantCulture, $"Node {node} has seals up to {ordinal}, but {last} were made (the head beside the keys says so): the end of its rows was cut off."));
        else if (anchor is var (known, expected) && heads.TryGetValue(known, out var there) && !there.Head.AsSpan().SequenceEqual(expected))
            verdict.Add("changed", string.Create(CultureInfo.InvariantCulture, $"Seal {known} of node {node} is not the one whose head was kept beside the keys: the chain was replaced."));
        foreach (var checkpoint in checkpoints)
            CheckCheckpoint(node, checkpoint, from is null, heads, ordinal, verdict);
        foreach (var lost in Gaps(checkpoints, total, from is null))
            verdict.Add("cut-off", string.Create(CultureInfo.InvariantCulture, $"Node {node}: {lost}"));
    }

    private static IEnumerable<string> Gaps(List<CheckpointRow> checkpoints, long total, bool isWhole) =>
        isWhole && checkpoints is [.., var last] && last.Total > total
            ? [string.Create(CultureInfo.InvariantCulture, $"the checkpoint at seal {last.Ordinal} counts {last.Total} rows, and there are {total}.")] : [];

    private async Task<(List<(SealRow Seal, List<long>? Numbers)> Seals, Dictionary<long, AuditRow> Rows)> RowsAsync(List<SealRow> seals, int at)
    {
        var some = new List<(SealRow, List<long>?)>();
        var wanted = new List<long>();
        for (; at < seals.Count && wanted.Count < RowsAtOnce; at++)
        {
            var numbers = AuditChain.Unpack(seals[at].Members);
            some.Add((seals[at], numbers));
            wanted.AddRange(numbers ?? []);
        }

        var rows = new Dictionary<long, AuditRow>(wanted.Count);
        foreach (var row in await log.QueryAsync(AuditSql.Rows(store.Dialect, [.. wanted]), AuditRow.Read))
            rows[row.Number] = row;
        return (some, rows);
    }

    private void Check(SealRow seal, List<long>? numbers, Dictionary<long, AuditRow> rows, ref long ordinal, ref byte[] head, AuditVerdict verdict)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"Seal {seal.Ordinal} of node {seal.Node}");
        if (seal.Ordinal != ordinal + 1)
            verdict.Add("removed", string.Create(CultureInfo.InvariantCulture, $"{name} follows seal {ordinal}: those between were removed, with their rows or without."));
        var isWhole = true;
        if (numbers is null)
            verdict.Add("reordered", $"{name} lists other rows than it was made for.");
        var secret = keys.Find(seal.KeyName);
        if (secret is null)
            verdict.Add("key", $"{name} was made with {seal.KeyName}, which is not in {keys.Folder}: it cannot be checked.");

        var macs = new List<byte[]>(seal.Count);
        var records = 0;
        foreach (var number in numbers ?? [])
        {
            if (!rows.TryGetValue(number, out var row))
            {
                verdict.Add("removed", $"Row {AuditNumbers.IdOf(number)} of {Time(number)} was removed.");
                verdict.Checked++;
                isWhole = false;
                continue;
            }

            macs.Add(row.Mac);
            var stored = AuditPack.NumbersOf(number, row.Body)?.Length ?? 1;
            verdict.Checked += stored;
            records += stored;
            if (row.Node != seal.Node)
                verdict.Add("changed", $"Row {AuditNumbers.IdOf(number)} is said to be of another node.");
            else if (secret is not null && !secret.IsMac(number, row.Body, row.Mac))
            {
                verdict.Add("changed", stored == 1 ? $"Row {AuditNumbers.IdOf(number)} of {Time(number)} was changed."
                    : string.Create(CultureInfo.InvariantCulture, $"Row {AuditNumbers.IdOf(number)} of {Time(number)} was changed; it holds {stored} records."));
                isWhole = false;
            }
        }

        if (secret is not null && !AuditChain.HeadOf(secret, head, seal, macs).AsSpan().SequenceEqual(seal.Head) && isWhole && seal.Ordinal == ordinal + 1)
            verdict.Add("reordered", $"{name} does not fit its rows and the seal before it: rows were put in another order, or the seal was changed.");
        else if (isWhole && numbers is not null && records != seal.Count)
            verdict.Add("reordered", $"{name} lists other rows than it was made for.");
        (ordinal, head) = (seal.Ordinal, seal.Head);
    }

    private void CheckCheckpoint(int node, CheckpointRow checkpoint, bool isWhole, Dictionary<long, (byte[] Head, long Total)> heads, long last, AuditVerdict verdict)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"The checkpoint at seal {checkpoint.Ordinal} of node {node}");
        if (keys.Find(checkpoint.KeyName) is not { } secret)
            verdict.Add("key", $"{name} was signed with {checkpoint.KeyName}, which is not in {keys.Folder}.");
        else if (!secret.IsSigned(AuditChain.TextOf(node, checkpoint), checkpoint.Signature))
            verdict.Add("changed", $"{name} has a signature that does not fit: it was changed.");
        if (checkpoint.Ordinal > last)
            verdict.Add("cut-off", string.Create(CultureInfo.InvariantCulture, $"{name} lies behind the last seal {last}: the end was cut off."));
        else if (heads.TryGetValue(checkpoint.Ordinal, out var there) && (!there.Head.AsSpan().SequenceEqual(checkpoint.Head) || (isWhole && there.Total != checkpoint.Total)))
            verdict.Add("changed", $"{name} does not fit the seal there: the chain was changed.");
        verdict.Checkpoints++;
    }

    /// <summary>Rows that no seal lists: those of the last second wait to be sealed, all others somebody has put in.</summary>
    private async Task StrangersAsync(DateTimeOffset? from, DateTimeOffset? until, List<long> members, Dictionary<int, long> floors, AuditVerdict verdict, CancellationToken ct)
    {
        var known = members.ToArray();
        Array.Sort(known);
        var after = from is { } since ? AuditNumbers.From(since) - 1 : -1;
        var end = until is { } last ? AuditNumbers.From(last) : long.MaxValue;

        // With a range, rows at its rims may be sealed outside it: only what lies between its seals is judged.
        if ((from is not null || until is not null) && known.Length > 0)
            (after, end) = (Math.Max(after, known[0]), Math.Min(end, known[^1]));
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var numbers = await log.QueryAsync(AuditSql.NumbersAfter(store.Dialect, after, end, 20_000), r => r.Int64(0));
            if (numbers.Count == 0)
                return;
            after = numbers[^1];
            var strange = numbers.Where(n => Array.BinarySearch(known, n) < 0).ToArray();
            foreach (var row in strange.Length == 0 ? [] : await log.QueryAsync(AuditSql.Rows(store.Dialect, strange), AuditRow.Read))
                if (!keys.All.Any(s => s.IsMac(row.Number, row.Body, row.Mac)))
                    verdict.Add("inserted", $"Row {AuditNumbers.IdOf(row.Number)} of {Time(row.Number)} was put in by somebody else.");
                else if (row.Number < floors.GetValueOrDefault(AuditNumbers.NodeOf(row.Number)))
                    verdict.Add("removed", $"Row {AuditNumbers.IdOf(row.Number)} of {Time(row.Number)} is genuine, and no seal lists it: a seal was removed or replaced.");
                else
                    verdict.Unsealed++;
        }
    }

    /// <summary>What records are searched by: each segment has a code over its map and its postings, and together they have all records of the seals they file.</summary>
    /// <param name="filed">Of each node, the last seal that is filed.</param>
    /// <param name="records">Of each node, how many records its seals have up to each.</param>
    private async Task FiledAsync(Dictionary<int, long> filed, Dictionary<int, SortedList<long, long>> records, AuditVerdict verdict, CancellationToken ct)
    {
        AuditSecret[] secrets = [.. keys.All];
        var found = await PostingsAsync(secrets, ct);
        foreach (var (node, until) in filed)
        {
            var sealedRecords = records.GetValueOrDefault(node) ?? [];
            var groups = new SortedDictionary<long, (long After, long Count)>();
            for (var after = -1L; ;)
            {
                ct.ThrowIfCancellationRequested();
                var segments = await log.QueryAsync(AuditFileSql.Segments(store.Dialect, node, after, 100), AuditFileSql.ReadSegment);
                if (segments.Count == 0)
                    break;
                after = segments[^1].Last;
                foreach (var segment in segments)
                {
                    var (sums, postings) = found.Remove(segment.Last, out var there) ? there : (new long[secrets.Length], 0);
                    if (segment.Through > until)
                        continue;
                    var secret = Array.FindIndex(secrets, s => s.Name == segment.KeyName);
                    if (secret < 0)
                        verdict.Add("key", $"{Name(segment)} was made with {segment.KeyName}, which is not in {keys.Folder}.");
                    else if (postings != segment.Postings || !AuditSegment.MacOf(secrets[secret], segment, sums[secret]).AsSpan().SequenceEqual(segment.Mac))
                        verdict.Add("unfiled", await WhatAsync(segment));
                    groups[segment.Through] = (segment.After, groups.GetValueOrDefault(segment.Through).Count + segment.Count);
                }
            }

            var through = 0L;
            foreach (var (last, (after, count)) in groups)
            {
                if (after != through || count != sealedRecords.GetValueOrDefault(last, -1) - sealedRecords.GetValueOrDefault(after))
                {
                    verdict.Add("unfiled", string.Create(CultureInfo.InvariantCulture, $"Not all records of seals {through + 1} to {last} of node {node} are filed once: rows of table AuditSegment were removed or put in."));
                    break;
                }

                through = last;
            }
        }

        foreach (var node in await log.QueryAsync(AuditSql.Nodes, r => (int)r.Int64(0)))
            foreach (var last in await log.QueryAsync(AuditFileSql.FiledAfter(store.Dialect, node, filed.GetValueOrDefault(node)), r => r.Int64(0)))
                found.Remove(last);
        if (found.Count > 0)
            verdict.Add("unfiled", "Table AuditPosting has rows of segments that are not there: segments were removed, or somebody put the rows in.");
    }

    /// <summary>Of each segment, how many postings it has and the sum of their codes, by each secret.</summary>
    private async Task<Dictionary<long, (long[] Sums, int Count)>> PostingsAsync(AuditSecret[] secrets, CancellationToken ct)
    {
        var found = new Dictionary<long, (long[] Sums, int Count)>();
        for (var (term, after, isOver) = (long.MinValue, (long?)long.MinValue, false); !isOver;)
        {
            ct.ThrowIfCancellationRequested();
            var postings = await log.QueryAsync(AuditFileSql.AllPostings(store.Dialect, term, after, 10_000), r => (Term: r.Int64(0), Last: r.Int64(1), Positions: r.Blob(2).ToArray()));
            foreach (var (of, last, positions) in postings)
            {
                var (sums, count) = found.TryGetValue(last, out var known) ? known : (new long[secrets.Length], 0);
                for (var i = 0; i < sums.Length; i++)
                    sums[i] = unchecked(sums[i] + secrets[i].PostingCode(of, last, positions));
                found[last] = (sums, count + 1);
            }

            isOver = postings.Count == 0 && after is null;
            if (postings.Count > 0)
                (term, after) = (postings[^1].Term, postings[^1].Last);
            else
                after = null; // all of this term: on to the next
        }

        return found;
    }

    /// <summary>Which record is not found as it should be.</summary>
    private async Task<string> WhatAsync(SegmentRow segment)
    {
        if (AuditSegment.ReadMap(segment.Map, segment.Count) is not var (numbers, rows))
            return $"{Name(segment)} was changed: its map cannot be read.";
        var filings = new List<AuditFiling>();
        foreach (var chunk in rows.Distinct().Chunk(RowsAtOnce))
            foreach (var row in await log.QueryAsync(AuditSql.Rows(store.Dialect, chunk), AuditRow.Read))
                filings.AddRange((AuditPack.Read(row.Number, row.Body) ?? []).Select(i => new AuditFiling(i.Number, row.Number, 0, log.TermsOf(i.Record))));
        var known = filings.DistinctBy(f => f.Number).ToDictionary(f => f.Number);
        AuditFiling[] sorted = [.. numbers.Select(n => known.GetValueOrDefault(n, new(n, 0, 0, [])))];
        foreach (var (term, positions) in AuditSegment.Post(sorted))
        {
            var (wanted, found) = (AuditPositions.None(), AuditPositions.None());
            AuditPositions.Unpack(positions, wanted);
            if (await log.QueryAsync(AuditFileSql.Posting(store.Dialect, term, segment.Last), r => r.Blob(0).ToArray()) is [var there])
                AuditPositions.Unpack(there, found);
            for (var i = 0; i < sorted.Length; i++)
                if ((wanted[i / 64] >> (i % 64) & 1) > (found[i / 64] >> (i % 64) & 1))
                    return $"Row {AuditNumbers.IdOf(numbers[i])} of {Time(numbers[i])} is not found by all it should be searched by: rows of table AuditPosting were removed or changed.";
        }

        return $"{Name(segment)} is not as it was made: it was changed, or rows of table AuditPosting were put in.";
    }

    private static string Name(SegmentRow segment) => $"Segment {AuditNumbers.IdOf(segment.Last)} of node {segment.Node.ToString(CultureInfo.InvariantCulture)}";

    private static string Time(long number) => Resources.FhirInstant.Format(AuditNumbers.TimeOf(number));
}
