using System.Buffers;
using System.Runtime.CompilerServices;
using FhirEmr.FhirServer.Interactions.Binaries;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>One line that holds something.</summary>
/// <param name="Number">In its file, from 1.</param>
/// <param name="Bytes">Empty for one that is too long.</param>
/// <param name="End">Behind it.</param>
internal readonly record struct NdJsonLine(long Number, ReadOnlyMemory<byte> Bytes, LinePosition End)
{
    /// <summary>Room for a Binary of the largest size in base64, and the rest of it.</summary>
    public const int MostBytes = (int)(BinaryIntake.MaxBytes / 3 * 4) + (1024 * 1024);

    public bool IsTooLong => Bytes.IsEmpty;

    /// <summary>Lines behind a place, from the pieces behind it.</summary>
    public static async IAsyncEnumerable<NdJsonLine> ReadAsync(IAsyncEnumerable<byte[]> pieces, LinePosition from, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var (number, ordinal, start) = (from.Line, from.Piece, from.Offset);
        var open = new ArrayBufferWriter<byte>();
        var isTooLong = false;
        await foreach (var piece in pieces.WithCancellation(ct))
        {
            for (int length; (length = piece.AsSpan(start).IndexOf((byte)'\n')) >= 0;)
            {
                var part = piece.AsMemory(start, length);
                start += length + 1;
                number++;
                if (Line(part) is { } line)
                    yield return line;
            }

            isTooLong |= open.WrittenCount + (piece.Length - start) > MostBytes;
            if (!isTooLong)
                open.Write(piece.AsSpan(start));
            (ordinal, start) = (ordinal + 1, 0);
        }

        number++;
        if (Line(default) is { } last)
            yield return last;

        NdJsonLine? Line(ReadOnlyMemory<byte> part)
        {
            var end = new LinePosition(ordinal, start, number);
            NdJsonLine? line = null;
            if (isTooLong || open.WrittenCount + part.Length > MostBytes)
            {
                line = new(number, default, end);
            }
            else
            {
                if (open.WrittenCount > 0)
                    part = (byte[])[.. open.WrittenSpan, .. part.Span];
                var blank = part.Span.IndexOfAnyExcept(" \t\r"u8) < 0;
                line = blank ? null : new(number, part, end);
            }

            isTooLong = false;
            if (open.Capacity > 4 * 1024 * 1024)
                open = new();
            else
                open.ResetWrittenCount();
            return line;
        }
    }
}

/// <summary>A place between two lines: pieces behind it, bytes of the next piece behind it, lines behind it.</summary>
internal readonly record struct LinePosition(int Piece, int Offset, long Line);
