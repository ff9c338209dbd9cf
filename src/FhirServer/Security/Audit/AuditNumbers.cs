namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Keys of audit rows: 42 bits of milliseconds since 1970 UTC, 10 of the node, 11 that tell apart what happened within a millisecond.</summary>
/// <remarks>They ascend on each node whatever its clock does, so rows lie in the order of time and a range of time is a range of keys.</remarks>
internal sealed class AuditNumbers(int node, long newest, TimeProvider clock)
{
    public const int MostNodes = 1 << NodeBits;

    /// <summary>Bits of a key below its millisecond.</summary>
    public const int MomentBits = NodeBits + SlotBits;

    public const long MomentMask = (1L << MomentBits) - 1;
    private const int NodeBits = 10, SlotBits = 11;
    private const string Prefix = "log-";

    private readonly Lock gate = new();
    private long last = (((newest >> (NodeBits + SlotBits)) + 1) << SlotBits) - 1; // a millisecond that was begun is not gone on with

    public long Next()
    {
        lock (gate)
        {
            last = Math.Max(last + 1, clock.GetUtcNow().ToUnixTimeMilliseconds() << SlotBits);
            return (last >> SlotBits << (NodeBits + SlotBits)) | ((long)node << SlotBits) | (last & ((1 << SlotBits) - 1));
        }
    }

    public static DateTimeOffset TimeOf(long number) => DateTimeOffset.FromUnixTimeMilliseconds(number >> (NodeBits + SlotBits));

    public static int NodeOf(long number) => (int)(number >> SlotBits) & (MostNodes - 1);

    /// <summary>The smallest key of the whole second, or hour, of a key.</summary>
    public static long StartOf(long number, TimeSpan period)
    {
        var moment = number >> MomentBits;
        return (moment - (moment % (long)period.TotalMilliseconds)) << MomentBits;
    }

    /// <summary>The largest key of the whole second, or hour, of a key.</summary>
    public static long EndOf(long number, TimeSpan period)
    {
        var length = (long)period.TotalMilliseconds;
        var next = (number >> MomentBits) / length * length + length;
        return next > long.MaxValue >> MomentBits ? long.MaxValue : (next << MomentBits) - 1;
    }

    /// <summary>The smallest key at or after an instant.</summary>
    public static long From(DateTimeOffset instant) => Math.Max(0, instant.ToUnixTimeMilliseconds()) << MomentBits;

    /// <summary>The row as a resource id; the form is kept for the server's own rows.</summary>
    public static string IdOf(long number) => $"{Prefix}{number:x16}";

    public static bool IsId(string id) => id.StartsWith(Prefix, StringComparison.Ordinal);

    public static long? Parse(string id) => id.Length == Prefix.Length + 16 && IsId(id)
        && long.TryParse(id.AsSpan(Prefix.Length), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
