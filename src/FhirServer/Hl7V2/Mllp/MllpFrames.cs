using System.Buffers;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>MLLP: a message between VT and FS CR (HL7 v2 transport, release 1). Takes the frames out of what has come so far, however it was cut.</summary>
/// <remarks>
/// FS ends a frame whether or not CR follows. A VT within a frame begins another: the first was torn, its sender has no answer and sends it again. What stands
/// between frames is passed over, up to a bound.
/// </remarks>
internal sealed class MllpFrames(int mostBytes)
{
    public const byte Begin = 0x0B;
    public const byte End = 0x1C;
    public const byte Return = 0x0D;

    private const int MostNoise = 64 * 1024;

    private long scanned; // of the frame that has begun: nothing is looked through twice
    private long noise;

    /// <summary>Frames that were begun and never ended.</summary>
    public int Torn { get; private set; }

    /// <summary>Whether a frame has begun.</summary>
    public bool IsInFrame { get; private set; }

    /// <summary>The next frame's content, and the buffer behind it; without a frame, what is left waits for more.</summary>
    public MllpRead Next(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        while (true)
        {
            if (!IsInFrame)
            {
                if (buffer.PositionOf(Begin) is not { } begin)
                {
                    Skip(buffer);
                    buffer = buffer.Slice(buffer.End);
                    return noise > MostNoise ? MllpRead.Noise : MllpRead.NeedsMore;
                }

                Skip(buffer.Slice(0, begin));
                if (noise > MostNoise)
                    return MllpRead.Noise;
                buffer = buffer.Slice(buffer.GetPosition(1, begin));
                (IsInFrame, scanned) = (true, 0);
            }

            var reader = new SequenceReader<byte>(buffer.Slice(scanned));
            if (!reader.TryReadToAny(out ReadOnlySequence<byte> part, [Begin, End], advancePastDelimiter: false))
            {
                scanned = buffer.Length;
                if (scanned <= mostBytes)
                    return MllpRead.NeedsMore;
                message = buffer.Slice(0, mostBytes);
                return MllpRead.TooLarge;
            }

            var length = scanned + part.Length;
            reader.TryPeek(out var mark);
            var content = buffer.Slice(0, length);
            buffer = buffer.Slice(length + 1);
            scanned = 0;
            if (mark == Begin)
            {
                Torn++;
                continue; // still in a frame: the new one
            }

            IsInFrame = false;
            message = content;
            noise = 0;
            return content.Length > mostBytes ? MllpRead.TooLarge : MllpRead.Message;
        }
    }

    public static byte[] Wrap(ReadOnlySpan<byte> message) => [Begin, .. message, End, Return];

    /// <summary>Ends of lines between frames are no noise.</summary>
    private void Skip(ReadOnlySequence<byte> between)
    {
        foreach (var part in between)
            foreach (var b in part.Span)
                if (b is not (Return or (byte)'\n' or End))
                    noise++;
    }
}

/// <summary>What came of looking for a frame.</summary>
internal enum MllpRead
{
    NeedsMore,
    Message,

    /// <summary>The frame is larger than a message may be.</summary>
    TooLarge,

    /// <summary>What comes is no MLLP.</summary>
    Noise,
}
