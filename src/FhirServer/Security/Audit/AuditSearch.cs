using System.Numerics;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>One search through the segments, from one end of its range until it has enough, and through what is not filed yet.</summary>
/// <remarks>
/// Each filter goes along its own postings; a segment is looked into when all filters have one there, and whoever is behind leaps to the one that is
/// ahead. All keys of a segment are of one hour, so going up, what lies before the hour of the next segment is final; going down, what lies behind its end.
/// </remarks>
internal sealed class AuditSearch(IReadSession session, SqlDialect dialect, AuditQuery query)
{
    private readonly bool isUp = query.IsAscending;

    /// <summary>Ends of segments that can have a record of the range.</summary>
    private readonly long lowest = query.From;
    private readonly long highest = query.Until == long.MaxValue ? long.MaxValue : AuditNumbers.EndOf(Math.Max(0, query.Until - 1), AuditSegment.Stretch);

    private readonly Filter[] filters = [.. query.Filters.Select(f => new Filter([.. f.Values.Select(v => new Cursor(AuditTerms.Term(f.Kind, v))).DistinctBy(c => c.Term)]))];

    /// <summary>So many records from the end that the search begins at.</summary>
    public async Task<List<(long Number, long Row)>> FirstAsync(IEnumerable<AuditFiling> unfiled, int count)
    {
        var hits = unfiled.Where(Matches).Select(f => (f.Number, f.Row)).ToList();
        Trim(hits, count);
        for (var at = isUp ? lowest : highest; count > 0 && await NextAsync(at) is { } next; at = isUp ? next + 1 : next - 1)
        {
            if (hits.Count >= count && (isUp ? hits[count - 1].Number < AuditNumbers.StartOf(next, AuditSegment.Stretch) : hits[count - 1].Number > next))
                break;
            if (await LookIntoAsync(next) is { } found)
            {
                hits.AddRange(found);
                Trim(hits, count);
            }
        }

        return hits;
    }

    public async Task<long> CountAsync(IEnumerable<AuditFiling> unfiled)
    {
        var total = unfiled.LongCount(Matches);
        if (filters.Length == 0)
            return total + await CountAllAsync();
        for (var at = isUp ? lowest : highest; await NextAsync(at) is { } next; at = isUp ? next + 1 : next - 1)
            total += AuditNumbers.StartOf(next, AuditSegment.Stretch) >= query.From && AuditNumbers.EndOf(next, AuditSegment.Stretch) < query.Until
                ? Common().Sum(b => (long)BitOperations.PopCount(b)) : (await LookIntoAsync(next))?.Count ?? 0;
        return total;
    }

    private async Task<long> CountAllAsync()
    {
        var total = 0L;
        for (var at = lowest; at <= highest;)
        {
            var extents = await QueryAsync(AuditFileSql.Extents(dialect, at, highest, isAscending: true, 1000), r => (Last: r.Int64(0), First: r.Int64(1), Count: r.Int64(2)));
            foreach (var (last, first, count) in extents)
                total += first >= query.From && last < query.Until ? count : (await LookIntoAsync(last))?.Count ?? 0;
            if (extents.Count == 0)
                break;
            at = extents[^1].Last + 1;
        }

        return total;
    }

    private bool Matches(AuditFiling filing) => filing.Number >= query.From && filing.Number < query.Until
        && Array.TrueForAll(filters, f => Array.Exists(f.Cursors, c => Array.IndexOf(filing.Terms, c.Term) >= 0));

    private void Trim(List<(long Number, long Row)> hits, int count)
    {
        hits.Sort((a, b) => isUp ? a.Number.CompareTo(b.Number) : b.Number.CompareTo(a.Number));
        if (hits.Count > count)
            hits.RemoveRange(count, hits.Count - count);
    }

    /// <summary>The next segment in which every filter has something; all cursors stand there, or behind it.</summary>
    private async Task<long?> NextAsync(long at)
    {
        if (filters.Length == 0)
            return await QueryAsync(AuditFileSql.Extents(dialect, isUp ? at : lowest, isUp ? highest : at, isUp, 1), r => r.Int64(0)) is [var only] ? only : null;
        for (var agreed = 0; agreed < filters.Length;)
            foreach (var filter in filters)
            {
                long? next = null;
                foreach (var cursor in filter.Cursors)
                {
                    await SeekAsync(cursor, at);
                    if (cursor.Current is { } here && (next is null || (isUp ? here.Last < next : here.Last > next)))
                        next = here.Last;
                }

                if (next is not { } found)
                    return null;
                agreed = found == at ? agreed + 1 : 1;
                at = found;
                if (agreed >= filters.Length)
                    break;
            }

        return at;
    }

    private async Task SeekAsync(Cursor cursor, long at)
    {
        while (cursor.Current is { } here && (isUp ? here.Last < at : here.Last > at))
            cursor.At++;
        if (cursor.Current is not null || cursor.IsOver)
            return;
        cursor.Buffer = await QueryAsync(AuditFileSql.Postings(dialect, cursor.Term, isUp ? at : lowest, isUp ? highest : at, isUp, cursor.Size), r => (r.Int64(0), r.Blob(1).ToArray()));
        (cursor.At, cursor.IsOver) = (0, cursor.Buffer.Count < cursor.Size);
        cursor.Size = Math.Min(cursor.Size * 4, 1024);
    }

    /// <summary>A bit for each record of the segment the cursors stand at that every filter has.</summary>
    private ulong[] Common()
    {
        ulong[]? common = null;
        var last = filters[0].Cursors.Where(c => c.Current is not null).Select(c => c.Current!.Value.Last).Aggregate((a, b) => isUp ? Math.Min(a, b) : Math.Max(a, b));
        foreach (var filter in filters)
        {
            var any = AuditPositions.None();
            foreach (var cursor in filter.Cursors)
                if (cursor.Current is { } here && here.Last == last)
                    AuditPositions.Unpack(here.Positions, any);
            if (common is null)
                common = any;
            else
                for (var i = 0; i < common.Length; i++)
                    common[i] &= any[i];
        }

        return common!;
    }

    /// <summary>Records of a segment that match; null when its map was changed by somebody.</summary>
    private async Task<List<(long Number, long Row)>?> LookIntoAsync(long last)
    {
        if (await QueryAsync(AuditFileSql.Map(dialect, last), r => ((int)r.Int64(0), r.Blob(1).ToArray())) is not [var (count, map)])
            return null;
        var common = filters.Length == 0 ? null : Common();
        if (common is not null && !common.AsSpan().ContainsAnyExcept(0UL))
            return null;
        if (AuditSegment.ReadMap(map, count) is not var (numbers, rows))
            return null;
        var found = new List<(long, long)>();
        for (var i = 0; i < numbers.Length; i++)
            if ((common is null || (common[i / 64] >> (i % 64) & 1) != 0) && numbers[i] >= query.From && numbers[i] < query.Until)
                found.Add((numbers[i], rows[i]));
        return found;
    }

    private ValueTask<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map) => session.QueryAsync(statement, map, CancellationToken.None);

    private sealed record Filter(Cursor[] Cursors);

    /// <summary>Goes along the postings of a term.</summary>
    private sealed class Cursor(long term)
    {
        public long Term { get; } = term;

        public List<(long Last, byte[] Positions)> Buffer { get; set; } = [];

        public int At { get; set; }

        /// <summary>Postings read the next time.</summary>
        public int Size { get; set; } = 16;

        /// <summary>There is none behind the buffer.</summary>
        public bool IsOver { get; set; }

        public (long Last, byte[] Positions)? Current => At < Buffer.Count ? Buffer[At] : null;
    }
}
