using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Storage.Audit;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>A record that is to be filed.</summary>
/// <param name="Row">Key of the row it is in.</param>
/// <param name="Ordinal">The seal that lists that row.</param>
/// <param name="Terms">What it is searched by.</param>
internal readonly record struct AuditFiling(long Number, long Row, long Ordinal, long[] Terms);

/// <summary>Some thousand records filed together: their keys and rows, and for each term where in the segment it is found.</summary>
internal sealed class AuditSegment
{
    /// <summary>Records a segment has at most.</summary>
    public const int Most = 4096;

    /// <summary>All records of a segment are of one such stretch of time, so that a search in the order of time looks ahead no further than to its end.</summary>
    public static readonly TimeSpan Stretch = TimeSpan.FromHours(1);

    private static readonly BodyCodec Codec = new(new Dictionary<byte, byte[]>());

    private AuditSegment(SegmentRow row, SortedDictionary<long, byte[]> postings) => (Row, Postings) = (row, postings);

    public SegmentRow Row { get; }

    public SortedDictionary<long, byte[]> Postings { get; }

    /// <param name="filings">Any number; they are put in order.</param>
    public static List<AuditSegment> Of(int node, long after, long through, List<AuditFiling> filings, AuditSecret secret)
    {
        var sorted = filings.ToArray();
        Array.Sort(sorted, (a, b) => a.Number.CompareTo(b.Number));
        var segments = new List<AuditSegment>();
        for (var from = 0; from < sorted.Length;)
        {
            var end = AuditNumbers.EndOf(sorted[from].Number, Stretch);
            var to = from + 1;
            while (to < sorted.Length && sorted[to].Number <= end)
                to++;
            for (var pieces = (to - from + Most - 1) / Most; pieces > 0; pieces--)
            {
                var count = (to - from + pieces - 1) / pieces;
                segments.Add(Of(node, after, through, sorted.AsSpan(from, count), secret));
                from += count;
            }
        }

        return segments;
    }

    /// <summary>Postings of segments in the order of their table: a commit that has more of them than the cache holds touches each page once.</summary>
    public static IEnumerable<(long Term, long Last, byte[] Positions)> InOrder(IReadOnlyList<AuditSegment> segments)
    {
        var next = new PriorityQueue<(AuditSegment Of, IEnumerator<KeyValuePair<long, byte[]>> At), (long Term, long Last)>();
        foreach (var segment in segments)
            Enqueue(segment, segment.Postings.GetEnumerator());
        while (next.TryDequeue(out var one, out var key))
        {
            yield return (key.Term, key.Last, one.At.Current.Value);
            Enqueue(one.Of, one.At);
        }

        void Enqueue(AuditSegment of, IEnumerator<KeyValuePair<long, byte[]>> at)
        {
            if (at.MoveNext())
                next.Enqueue((of, at), (at.Current.Key, of.Row.Last));
        }
    }

    /// <summary>What the segment's own code covers: nobody else can make one, or change what it files.</summary>
    /// <param name="sum">Of the codes of its postings.</param>
    public static byte[] MacOf(AuditSecret secret, SegmentRow row, long sum)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Chain);
        Span<byte> text = stackalloc byte[8 + (6 * 8) + (3 * 4)];
        "segment\n"u8.CopyTo(text);
        BinaryPrimitives.WriteInt64LittleEndian(text[8..], row.Last);
        BinaryPrimitives.WriteInt64LittleEndian(text[16..], row.First);
        BinaryPrimitives.WriteInt64LittleEndian(text[24..], row.After);
        BinaryPrimitives.WriteInt64LittleEndian(text[32..], row.Through);
        BinaryPrimitives.WriteInt64LittleEndian(text[40..], sum);
        BinaryPrimitives.WriteInt32LittleEndian(text[48..], row.Node);
        BinaryPrimitives.WriteInt32LittleEndian(text[52..], row.Count);
        BinaryPrimitives.WriteInt32LittleEndian(text[56..], row.Postings);
        hash.AppendData(text);
        hash.AppendData(row.Map);
        return hash.GetHashAndReset();
    }

    /// <summary>Keys of a segment's records and of their rows; null when nobody here has written it.</summary>
    public static (long[] Numbers, long[] Rows)? ReadMap(ReadOnlySpan<byte> map, int count)
    {
        byte[] bytes;
        try
        {
            bytes = Codec.Decompress(map);
        }
        catch (Exception e) when (e is ZstdSharp.ZstdException or Storage.StorageFailedException or ArgumentException or OverflowException)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = bytes;
        if (count is < 1 or > Most)
            return null;
        var (numbers, rows) = (new long[count], new long[count]);
        var (number, row) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            if (!AuditVarint.TryReadKey(ref rest, ref number) || !AuditVarint.TryReadKey(ref rest, ref row))
                return null;
            (numbers[i], rows[i]) = (number, row);
        }

        return rest.IsEmpty ? (numbers, rows) : null;
    }

    /// <summary>Terms of records, and where each is found among them.</summary>
    public static SortedDictionary<long, byte[]> Post(ReadOnlySpan<AuditFiling> sorted)
    {
        var found = new Dictionary<long, List<int>>();
        for (var i = 0; i < sorted.Length; i++)
            foreach (var term in sorted[i].Terms)
                (CollectionsMarshal.GetValueRefOrAddDefault(found, term, out _) ??= []).Add(i);
        var postings = new SortedDictionary<long, byte[]>();
        foreach (var (term, positions) in found)
            postings.Add(term, AuditPositions.Pack(positions));
        return postings;
    }

    private static AuditSegment Of(int node, long after, long through, ReadOnlySpan<AuditFiling> sorted, AuditSecret secret)
    {
        var map = new List<byte>(sorted.Length * 5);
        var (number, row) = (0L, 0L);
        foreach (var filing in sorted)
        {
            AuditVarint.WriteKey(map, filing.Number, number);
            AuditVarint.WriteKey(map, filing.Row, row);
            (number, row) = (filing.Number, filing.Row);
        }

        var postings = Post(sorted);
        var made = new SegmentRow(number, sorted[0].Number, node, after, through, sorted.Length, postings.Count, secret.Name, [], Codec.Compress(CollectionsMarshal.AsSpan(map)));
        var sum = 0L;
        foreach (var (term, positions) in postings)
            sum = unchecked(sum + secret.PostingCode(term, number, positions));
        return new(made with { Mac = MacOf(secret, made, sum) }, postings);
    }
}
