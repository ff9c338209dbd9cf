using System.Globalization;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Audit;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Goes through the chains and tells what is not as it was written: changed, removed, inserted, reordered, cut off (security.md S-53).</summary>
internal sealed class AuditVerifier(AuditLog log, AuditKeyFolder keys, IResourceStore store)
{
    private const int SealsAtOnce = 400;
    private const int RowsAtOnce = 4000;

    public async Task<AuditVerdict> RunAsync(DateTimeOffset? from, DateTimeOffset? until, CancellationToken ct)
    {
        await log.SealAsync();
        var verdict = new AuditVerdict();
        var sealedNodes = await log.QueryAsync(AuditSql.SealedNodes, r => (int)r.Int64(0));
        var members = new List<long>();
        var floors = new Dictionary<int, long>();
        foreach (var node in sealedNodes.Union(from is null && until is null ? AuditAnchor.Nodes(keys.Folder) : []).Order())
            await NodeAsync(node, from, until, members, floors, verdict, ct);
        await StrangersAsync(from, until, members, floors, verdict, ct);
        if (from is null && until is null)
            await FiledAsync(members, verdict, ct);
        return verdict;
    }

    private async Task NodeAsync(int node, DateTimeOffset? from, DateTimeOffset? until, List<long> members, Dictionary<int, long> floors, AuditVerdict verdict, CancellationToken ct)
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
                    total += seal.Count;
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
        if (numbers is null || numbers.Count != seal.Count)
            verdict.Add("reordered", $"{name} lists other rows than it was made for.");
        var secret = keys.Find(seal.KeyName);
        if (secret is null)
            verdict.Add("key", $"{name} was made with {seal.KeyName}, which is not in {keys.Folder}: it cannot be checked.");

        var macs = new List<byte[]>(seal.Count);
        foreach (var number in numbers ?? [])
        {
            verdict.Checked++;
            if (!rows.TryGetValue(number, out var row))
            {
                verdict.Add("removed", $"Row {AuditNumbers.IdOf(number)} of {Time(number)} was removed.");
                isWhole = false;
                continue;
            }

            macs.Add(row.Mac);
            if (row.Node != seal.Node)
                verdict.Add("changed", $"Row {AuditNumbers.IdOf(number)} is said to be of another node.");
            else if (secret is not null && !secret.IsMac(number, row.Body, row.Mac))
            {
                verdict.Add("changed", $"Row {AuditNumbers.IdOf(number)} of {Time(number)} was changed.");
                isWhole = false;
            }
        }

        if (secret is not null && !AuditChain.HeadOf(secret, head, seal, macs).AsSpan().SequenceEqual(seal.Head) && isWhole && seal.Ordinal == ordinal + 1)
            verdict.Add("reordered", $"{name} does not fit its rows and the seal before it: rows were put in another order, or the seal was changed.");
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

    /// <summary>What rows are searched by: compared as a sum over all, and looked for one by one only when that differs.</summary>
    private async Task FiledAsync(List<long> members, AuditVerdict verdict, CancellationToken ct)
    {
        var (wanted, wantedRows) = (0UL, 0L);
        foreach (var chunk in members.Chunk(RowsAtOnce))
            foreach (var (kind, value, number) in await TermsAsync(chunk))
            {
                wanted += Mix(kind, value, number);
                wantedRows++;
            }

        var (found, foundRows) = (0UL, 0L);
        for (short kind = AuditTerms.Entity; kind <= AuditTerms.Type; kind++)
        {
            var (value, after) = (long.MinValue, (long?)long.MinValue);
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var filed = await log.QueryAsync(AuditSql.Keys(store.Dialect, kind, value, after, 20_000), r => (Value: r.Int64(0), Number: r.Int64(1)));
                foreach (var (v, n) in filed)
                    found += Mix(kind, v, n);
                foundRows += filed.Count;
                if (filed.Count > 0)
                    (value, after) = filed[^1];
                else if (after is not null)
                    after = null; // all of this value: on to the next
                else
                    break;
            }
        }

        if (wanted == found && wantedRows == foundRows)
            return;
        foreach (var chunk in members.Chunk(RowsAtOnce))
            foreach (var (kind, value, number) in await TermsAsync(chunk))
                if ((await log.QueryAsync(AuditSql.IsFiled(store.Dialect, kind, value, number), r => r.Int64(0))).Count == 0)
                {
                    verdict.Add("unfiled", $"Row {AuditNumbers.IdOf(number)} of {Time(number)} is not found by all it should be searched by: entries of table AuditKey were removed.");
                    return;
                }

        verdict.Add("unfiled", "Table AuditKey has entries that belong to no row: somebody put them in.");
    }

    private async Task<IEnumerable<(short Kind, long Value, long Number)>> TermsAsync(long[] numbers) =>
        (await log.QueryAsync(AuditSql.Rows(store.Dialect, numbers), AuditRow.Read))
            .SelectMany(r => AuditCodec.Read(r.Body) is { } record ? AuditTerms.Of(record, log.HashOf).Distinct().Select(t => (t.Kind, t.Value, r.Number)) : []);

    private static ulong Mix(short kind, long value, long number)
    {
        var x = (ulong)value * 0x9E3779B97F4A7C15 ^ (ulong)number * 0xC2B2AE3D27D4EB4F ^ (ulong)kind * 0x165667B19E3779F9;
        x ^= x >> 32;
        x *= 0xD6E8FEB86659FD93;
        return x ^ (x >> 32);
    }

    private static string Time(long number) => Resources.FhirInstant.Format(AuditNumbers.TimeOf(number));
}
