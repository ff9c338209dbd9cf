using System.Buffers;
using System.Text;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Records that become durable together, in one row of the table: what they have in common is stored once.</summary>
/// <remarks>
/// A row is either one record as plain JSON, or: 1, the number of records, their keys as distances, and their JSON (a line each) compressed by zstd.
/// All records of a row are of one second and one node, so that a record is found by its key in a few rows. The code of the row covers all of it.
/// </remarks>
internal static class AuditPack
{
    /// <summary>Who reads one record of a row unpacks them all.</summary>
    public const int Most = 128;

    private const byte Together = 1;
    private const int MostBody = 64 << 20;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(1);

    // Kept for ever: rows are read with the dictionary they were written with. A better one gets the next number.
    private static readonly BodyCodec Codec = new(new Dictionary<byte, byte[]>
    {
        [BodyCodec.FirstDictionary] = Encoding.UTF8.GetBytes(
        """
        {"type":"110113","sub":"token-issued","act":"E","out":8,"why":"forbidden","status":403,"name":"anonymous","from":"::1","req":"0HN","of":"Binary/"}
        {"type":"110114","sub":"login","act":"E","out":4,"why":"not-found","status":404,"name":"FhirEmr","client":"system","text":""}
        {"type":"110101","sub":"search-type","act":"E","status":200,"of":"AuditEvent","q":"date=ge2026&patient=&agent=&_sort=-date&_count=50"}
        {"type":"rest","sub":"batch","act":"E","status":200,"pat":[""],"n":1,"q":"code=http://loinc.org|&category=&status=&date=&_id=&identifier=&name=&_include=&_revinclude=&_total=&_elements=","for":"BTG"}
        {"type":"rest","sub":"transaction","act":"E","status":200,"uid":"","user":"Practitioner/","client":"","token":"","from":"127.0.0.1","req":"","n":300}
        {"type":"rest","sub":"search-type","act":"E","status":200,"uid":"","user":"Practitioner/","client":"","token":"","from":"127.0.0.1","req":"","of":"Encounter","pat":[""],"n":0,"q":"patient="}
        {"type":"rest","sub":"search-type","act":"E","status":200,"uid":"","user":"Practitioner/","client":"","token":"","from":"10.0.0.","req":"","of":"Condition","pat":[""],"n":2,"q":"patient=Patient/"}
        {"type":"rest","sub":"vread","act":"R","status":304,"from":"192.168.","req":"","of":"MedicationRequest/","ver":3,"pat":[""]}
        {"type":"rest","sub":"history-instance","act":"R","status":200,"of":"DiagnosticReport/"}
        {"type":"rest","sub":"update","act":"U","status":200,"from":"127.0.0.1","req":"","entry":12,"of":"Claim/","ver":2,"pat":[""]}
        {"type":"rest","sub":"delete","act":"D","status":204,"of":"Procedure/","ver":2,"pat":[""]}
        {"type":"rest","sub":"create","act":"C","status":201,"uid":"","user":"Practitioner/","client":"","token":"","from":"127.0.0.1","req":"","entry":1,"of":"Observation/","ver":1,"pat":[""]}
        {"type":"rest","sub":"read","act":"R","status":200,"uid":"","user":"Practitioner/","client":"","token":"","from":"127.0.0.1","req":"","of":"Patient/","ver":1,"pat":[""]}
        """.ReplaceLineEndings("\n"))
    });

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? spare;

    /// <summary>Rows for records in the order of their keys.</summary>
    /// <param name="records">With the JSON of each.</param>
    public static List<AuditEntry> Pack(IReadOnlyList<(AuditTagged Item, byte[] Json)> records, AuditSecret secret)
    {
        var rows = new List<AuditEntry>((records.Count / Most) + 1);
        for (var from = 0; from < records.Count;)
        {
            var first = records[from].Item.Number;
            var to = from + 1;
            while (to < records.Count && to - from < Most && AreTogether(first, records[to].Item.Number))
                to++;
            rows.Add(Row(records, from, to, secret));
            from = to;
        }

        return rows;
    }

    /// <summary>The smallest key that a row can have in which this record is.</summary>
    public static long EarliestRow(long number) => AuditNumbers.StartOf(number, Span);

    /// <summary>Keys of the records of a row; null when nobody here has written it.</summary>
    public static long[]? NumbersOf(long number, ReadOnlySpan<byte> body) => body switch
    {
        [(byte)'{', ..] => [number],
        [Together, ..] => Numbers(number, ref body),
        _ => null,
    };

    /// <summary>Null when the bytes are no rows of ours.</summary>
    public static IReadOnlyList<AuditItem>? Read(long number, ReadOnlySpan<byte> body)
    {
        if (body is [(byte)'{', ..])
            return AuditCodec.Read(body) is { } only ? [new(number, only)] : null;
        if (Open(number, body) is not var (numbers, text))
            return null;
        var items = new AuditItem[numbers.Length];
        var rest = text.AsSpan();
        for (var i = 0; i < numbers.Length; i++)
        {
            if (AuditCodec.Read(Line(ref rest)) is not { } record)
                return null;
            items[i] = new(numbers[i], record);
        }

        return items;
    }

    /// <summary>Only some records of a row: null for each that it does not have.</summary>
    public static AuditRecord?[] Read(long number, ReadOnlySpan<byte> body, IReadOnlyList<long> wanted)
    {
        var found = new AuditRecord?[wanted.Count];
        if (body is [(byte)'{', ..])
        {
            for (var i = 0; i < found.Length; i++)
                found[i] = wanted[i] == number ? AuditCodec.Read(body) : null;
        }
        else if (Open(number, body) is var (numbers, text))
        {
            var rest = text.AsSpan();
            foreach (var one in numbers)
            {
                var line = Line(ref rest);
                for (var i = 0; i < found.Length; i++)
                    if (wanted[i] == one)
                        found[i] = AuditCodec.Read(line);
            }
        }

        return found;
    }

    private static bool AreTogether(long first, long other) => AuditNumbers.NodeOf(first) == AuditNumbers.NodeOf(other) && AuditNumbers.StartOf(first, Span) == AuditNumbers.StartOf(other, Span);

    private static AuditEntry Row(IReadOnlyList<(AuditTagged Item, byte[] Json)> records, int from, int to, AuditSecret secret)
    {
        var lines = spare ??= new(16 * 1024);
        lines.ResetWrittenCount();
        var items = new AuditTagged[to - from];
        var head = new List<byte>(8 + (2 * items.Length)) { Together };
        AuditVarint.Write(head, items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            var (item, json) = records[from + i];
            items[i] = item;
            if (i > 0)
            {
                AuditVarint.WriteKey(head, item.Number, items[i - 1].Number);
                lines.Write("\n"u8);
            }

            lines.Write(json);
        }

        var text = Codec.Compress(lines.WrittenSpan);
        if (lines.Capacity > 1 << 20)
            spare = null;
        var body = new byte[head.Count + text.Length];
        head.CopyTo(body);
        text.CopyTo(body, head.Count);
        var number = items[0].Number;
        return new(number, items, body, secret);
    }

    private static (long[] Numbers, byte[] Text)? Open(long number, ReadOnlySpan<byte> body)
    {
        if (body is not [Together, ..] || Numbers(number, ref body) is not { } numbers)
            return null;
        try
        {
            return body.Length > MostBody || Codec.Decompress(body) is not { } text ? null : (numbers, text);
        }
        catch (Exception e) when (e is ZstdSharp.ZstdException or StorageFailedException or ArgumentException or OverflowException)
        {
            return null; // somebody has changed it
        }
    }

    /// <param name="body">What follows the keys, afterwards.</param>
    private static long[]? Numbers(long number, ref ReadOnlySpan<byte> body)
    {
        body = body[1..];
        if (!AuditVarint.TryRead(ref body, out var count) || count is < 1 or > Most)
            return null;
        var numbers = new long[count];
        numbers[0] = number;
        for (var i = 1; i < numbers.Length; i++)
        {
            numbers[i] = numbers[i - 1];
            if (!AuditVarint.TryReadKey(ref body, ref numbers[i]))
                return null;
        }

        return numbers;
    }

    private static ReadOnlySpan<byte> Line(ref Span<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line;
    }
}
