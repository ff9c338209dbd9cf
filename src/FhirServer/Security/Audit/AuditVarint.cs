namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Numbers as bytes, seven bits each, the lowest first; one that can be negative is folded to one that cannot.</summary>
internal static class AuditVarint
{
    public static void Write(List<byte> to, long number)
    {
        var rest = (ulong)((number << 1) ^ (number >> 63));
        for (; rest >= 0x80; rest >>= 7)
            to.Add((byte)(rest | 0x80));
        to.Add((byte)rest);
    }

    /// <summary>False when the bytes are over, or no number.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> from, out long number)
    {
        var (rest, shift) = (0UL, 0);
        number = 0;
        for (var at = 0; at < from.Length && shift <= 63; shift += 7)
        {
            rest |= (ulong)(from[at] & 0x7f) << shift;
            if (from[at++] < 0x80)
            {
                number = (long)(rest >> 1) ^ -(long)(rest & 1);
                from = from[at..];
                return true;
            }
        }

        return false;
    }

    /// <summary>A key as its distance from the one before: the milliseconds, and what tells apart within one.</summary>
    public static void WriteKey(List<byte> to, long number, long before)
    {
        Write(to, (number >> AuditNumbers.MomentBits) - (before >> AuditNumbers.MomentBits));
        Write(to, (number & AuditNumbers.MomentMask) - (before & AuditNumbers.MomentMask));
    }

    public static bool TryReadKey(ref ReadOnlySpan<byte> from, ref long number)
    {
        if (!TryRead(ref from, out var moments) || !TryRead(ref from, out var rest))
            return false;
        number = (((number >> AuditNumbers.MomentBits) + moments) << AuditNumbers.MomentBits) | (((number & AuditNumbers.MomentMask) + rest) & AuditNumbers.MomentMask);
        return true;
    }
}
