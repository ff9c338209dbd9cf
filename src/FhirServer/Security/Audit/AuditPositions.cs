namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>Where in a segment a term is found: ascending positions, as the distances between them or as a bit for each record, whichever is shorter.</summary>
internal static class AuditPositions
{
    private const int Words = AuditSegment.Most / 64;

    /// <summary>What bits begin with: no distance does.</summary>
    private static ReadOnlySpan<byte> Bits => [0xff, 0xff];

    /// <param name="positions">At least one, below <see cref="AuditSegment.Most"/>.</param>
    public static byte[] Pack(List<int> positions)
    {
        var length = Bits.Length + (positions[^1] / 8) + 1;
        Span<byte> gaps = stackalloc byte[length + 1];
        var (at, last) = (0, -1);
        foreach (var position in positions)
        {
            var gap = position - last - 1;
            last = position;
            if (gap >= 0x80)
                gaps[at++] = (byte)(gap | 0x80);
            gaps[at++] = (byte)(gap >= 0x80 ? gap >> 7 : gap);
            if (at >= length)
                break;
        }

        if (at < length)
            return gaps[..at].ToArray();
        var bits = new byte[length];
        Bits.CopyTo(bits);
        foreach (var position in positions)
            bits[Bits.Length + (position / 8)] |= (byte)(1 << (position % 8));
        return bits;
    }

    /// <summary>Sets a bit for each position; bytes that <see cref="Pack"/> does not make set what they happen to.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<ulong> into)
    {
        if (packed.StartsWith(Bits))
        {
            packed = packed[Bits.Length..];
            for (var i = 0; i < packed.Length && i < Words * 8; i++)
                into[i / 8] |= (ulong)packed[i] << (i % 8 * 8);
            return;
        }

        var position = -1;
        for (var at = 0; at < packed.Length;)
        {
            int gap = packed[at++];
            if (gap >= 0x80 && at < packed.Length)
                gap = (gap & 0x7f) | (packed[at++] << 7);
            position += gap + 1;
            if (position >= AuditSegment.Most)
                return;
            into[position / 64] |= 1UL << (position % 64);
        }
    }

    /// <summary>A bit for each record that a segment can have.</summary>
    public static ulong[] None() => new ulong[Words];
}
