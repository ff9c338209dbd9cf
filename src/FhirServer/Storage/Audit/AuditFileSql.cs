using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage.Audit;

/// <summary>Statements on what records of the audit are searched by: segments of a few thousand records, and for each term its positions in a segment.</summary>
internal static class AuditFileSql
{
    private const string Columns = "g.Last, g.First, g.Node, g.After, g.Through, g.Count, g.Postings, g.KeyName, g.Mac, g.Map";

    /// <summary>How far each node's seals are filed.</summary>
    public static SqlStatement FiledThrough { get; } = new("SELECT g.Node, MAX(g.Through) FROM AuditSegment g GROUP BY g.Node", []);

    /// <summary>Segments without their maps, in the order of their ends.</summary>
    /// <param name="from">The smallest end.</param>
    /// <param name="until">The largest end.</param>
    public static SqlStatement Extents(SqlDialect dialect, long from, long until, bool isAscending, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}g.Last, g.First, g.Count FROM AuditSegment g WHERE g.Last >= {dialect.Argument(1)} AND g.Last <= {dialect.Argument(2)} "
        + $"ORDER BY g.Last{(isAscending ? "" : " DESC")}{dialect.Limit(dialect.Argument(3))}", [from, until, (long)limit]);

    public static SqlStatement Map(SqlDialect dialect, long last) => new($"SELECT g.Count, g.Map FROM AuditSegment g WHERE g.Last = {dialect.Argument(1)}", [last]);

    /// <summary>Where one term is found, segment by segment.</summary>
    public static SqlStatement Postings(SqlDialect dialect, long term, long from, long until, bool isAscending, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(4))}p.Last, p.Positions FROM AuditPosting p WHERE p.Term = {dialect.Argument(1)} AND p.Last >= {dialect.Argument(2)} AND p.Last <= {dialect.Argument(3)} "
        + $"ORDER BY p.Last{(isAscending ? "" : " DESC")}{dialect.Limit(dialect.Argument(4))}", [term, from, until, (long)limit]);

    /// <summary>All segments of a node in the order of their keys.</summary>
    public static SqlStatement Segments(SqlDialect dialect, int node, long after, int limit) => new(
        $"SELECT {dialect.Top(dialect.Argument(3))}{Columns} FROM AuditSegment g WHERE g.Node = {dialect.Argument(1)} AND g.Last > {dialect.Argument(2)} "
        + $"ORDER BY g.Last{dialect.Limit(dialect.Argument(3))}", [(long)node, after, (long)limit]);

    /// <summary>Segments of a node that file what comes behind a seal.</summary>
    public static SqlStatement FiledAfter(SqlDialect dialect, int node, long through) =>
        new($"SELECT g.Last FROM AuditSegment g WHERE g.Node = {dialect.Argument(1)} AND g.Through > {dialect.Argument(2)}", [(long)node, through]);

    /// <summary>All postings in the order of their key: those of one term behind a segment, or those of the terms behind it.</summary>
    public static SqlStatement AllPostings(SqlDialect dialect, long term, long? after, int limit)
    {
        var a = new SqlArguments(dialect);
        var count = a.Add((long)limit);
        return new(
            $"SELECT {dialect.Top(count)}p.Term, p.Last, p.Positions FROM AuditPosting p WHERE "
            + (after is { } last ? $"p.Term = {a.Add(term)} AND p.Last > {a.Add(last)}" : $"p.Term > {a.Add(term)}")
            + $" ORDER BY p.Term, p.Last{dialect.Limit(count)}", a.Values);
    }

    public static SqlStatement Posting(SqlDialect dialect, long term, long last) =>
        new($"SELECT p.Positions FROM AuditPosting p WHERE p.Term = {dialect.Argument(1)} AND p.Last = {dialect.Argument(2)}", [term, last]);

    public static ColumnRows SegmentRow(SegmentRow segment) => new(
        "AuditSegment", ["Last", "First", "Node", "After", "Through", "Count", "Postings", "KeyName", "Mac", "Map"],
        [
            new[] { segment.Last }, new[] { segment.First }, new[] { segment.Node }, new[] { segment.After }, new[] { segment.Through }, new[] { segment.Count },
            new[] { segment.Postings }, new[] { segment.KeyName }, new[] { segment.Mac }, new[] { segment.Map },
        ]);

    public static ColumnRows PostingRows(long[] terms, long[] lasts, byte[][] positions) => new("AuditPosting", ["Term", "Last", "Positions"], [terms, lasts, positions]);

    public static SegmentRow ReadSegment(IRow row) => new(
        row.Int64(0), row.Int64(1), (int)row.Int64(2), row.Int64(3), row.Int64(4), (int)row.Int64(5), (int)row.Int64(6), row.Text(7), row.Blob(8).ToArray(), row.Blob(9).ToArray());
}

/// <summary>Some thousand records of a node that are filed together, in the order of their keys; all of one hour.</summary>
/// <param name="Last">Key of its last record; names the segment.</param>
/// <param name="After">The seal before the first whose rows were filed with it.</param>
/// <param name="Through">The last such seal.</param>
/// <param name="Postings">How many terms it is filed under.</param>
/// <param name="Mac">HMAC of all this, its map and its postings.</param>
/// <param name="Map">Keys of its records, and the rows they are in.</param>
internal sealed record SegmentRow(long Last, long First, int Node, long After, long Through, int Count, int Postings, string KeyName, byte[] Mac, byte[] Map);
