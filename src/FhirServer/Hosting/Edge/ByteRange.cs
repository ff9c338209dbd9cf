using System.Globalization;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Which bytes of a content a client wants: <paramref name="From"/> to <paramref name="To"/>, exclusive.</summary>
internal readonly record struct ByteRange(long From, long To)
{
    /// <summary>
    /// Reads a Range header over <paramref name="size"/> bytes (RFC 9110 §14). Null for none, for other units, for several ranges and for what
    /// cannot be read: then the whole is given, as the RFC allows.
    /// </summary>
    /// <param name="isUnsatisfiable">A range that lies behind the end: 416.</param>
    public static ByteRange? Parse(string? header, long size, out bool isUnsatisfiable)
    {
        isUnsatisfiable = false;
        if (header is null || !header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header.Contains(',', StringComparison.Ordinal))
            return null;

        var dash = header.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return null;
        var first = header.AsSpan(6, Math.Max(0, dash - 6)).Trim();
        var last = header.AsSpan(dash + 1).Trim();
        if (first.IsEmpty)
        {
            if (!Number(last, out var suffix))
                return null;
            isUnsatisfiable = suffix == 0 || size == 0;
            return isUnsatisfiable ? null : new(Math.Max(0, size - suffix), size);
        }

        if (!Number(first, out var from))
            return null;
        var to = size - 1;
        if (!last.IsEmpty && (!Number(last, out to) || to < from))
            return null;
        isUnsatisfiable = from >= size;
        return isUnsatisfiable ? null : new(from, Math.Min(to, size - 1) + 1);
    }

    private static bool Number(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
