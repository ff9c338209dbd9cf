using System.Text;
using System.Text.Unicode;

namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Bytes → segments, one at a time. Separators come from each ISA; bad bytes become findings, never exceptions.</summary>
/// <remarks>Holds one buffer that grows to at most <see cref="LongestSegment"/>, whatever the size of the file.</remarks>
internal sealed class SegmentReader(Stream stream, X12Findings findings)
{
    /// <summary>No guide has a segment near this; without a terminator by then, the bytes are not X12.</summary>
    public const int LongestSegment = 64 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long _bufferOffset;
    private bool _endOfStream;
    private bool _stopped;
    private long _ordinal;
    private Separators? _separators;

    /// <summary>What follows the terminator of the first ISA: "", LF or CRLF. A writer that copies the file repeats it.</summary>
    public string LineEnding { get; private set; } = "";

    /// <summary>Offset behind the terminator of the segment read last.</summary>
    public long Offset => _bufferOffset + _start;

    /// <summary>The separators of the interchange being read; <see cref="Separators.Usual"/> before the first ISA.</summary>
    public Separators Separators => _separators ?? Separators.Usual;

    /// <summary>The next segment, null at the end or after bytes that cannot be read on.</summary>
    public async ValueTask<Segment?> ReadAsync(CancellationToken ct)
    {
        while (!_stopped)
        {
            if (!await SkipBlanksAsync(ct))
            {
                if (_ordinal == 0)
                    findings.Refuse("SYN-ISA", "The file is empty.", Here("ISA"));
                return Stop();
            }

            await EnsureAsync(3, ct);
            var isIsa = _buffer.AsSpan(_start, Math.Min(3, _end - _start)).SequenceEqual("ISA"u8);
            if (isIsa && (_separators is null || await LooksLikeIsaAsync(ct)))
                return await ReadIsaAsync(ct);

            if (_separators is null)
            {
                findings.Refuse("SYN-ISA", "The file does not start with ISA, so its separators are unknown.", Here("ISA"));
                return Stop();
            }

            if (await FindTerminatorAsync(ct) is not { } length)
                return Stop();
            if (length == 0)
            {
                _start++; // an empty line where the terminator is a line feed
                continue;
            }

            var segment = Split(_buffer.AsSpan(_start, length), _separators);
            _start += length + 1;
            return segment;
        }

        return null;
    }

    private Segment? Stop()
    {
        _stopped = true;
        return null;
    }

    private X12Place Here(string segmentId) => new(segmentId, _ordinal + 1, _bufferOffset + _start);

    private async ValueTask<bool> SkipBlanksAsync(CancellationToken ct)
    {
        while (true)
        {
            while (_start < _end && IsBlank(_buffer[_start]))
                _start++;
            if (_start < _end)
                return true;
            if (!await FillAsync(ct))
                return false;
        }

        // CR, LF, blank, tab, the three bytes of a UTF-8 byte-order mark and the DOS end-of-file mark.
        static bool IsBlank(byte b) => b is 0x0D or 0x0A or 0x20 or 0x09 or 0xEF or 0xBB or 0xBF or 0x1A;
    }

    // Inside a file only a segment called exactly ISA starts a new interchange.
    private async ValueTask<bool> LooksLikeIsaAsync(CancellationToken ct) =>
        await EnsureAsync(4, ct) && !char.IsAsciiLetterOrDigit((char)_buffer[_start + 3]);

    private async ValueTask<Segment?> ReadIsaAsync(CancellationToken ct)
    {
        await EnsureAsync(256, ct);
        var place = Here("ISA");
        if (IsaSyntax.Read(_buffer.AsSpan(_start, _end - _start), place, findings) is not { } isa)
            return Stop();

        _separators = isa.Separators;
        var segment = Split(_buffer.AsSpan(_start, isa.Length), isa.Separators);
        _start += isa.Length + 1;
        await EnsureAsync(2, ct);
        if (segment.Ordinal == 1)
            LineEnding = PeekLineEnding();
        return segment;
    }

    private string PeekLineEnding()
    {
        var next = _buffer.AsSpan(_start, Math.Min(2, _end - _start));
        return next.StartsWith("\r\n"u8) ? "\r\n" : next.StartsWith("\n"u8) ? "\n" : next.StartsWith("\r"u8) ? "\r" : "";
    }

    private async ValueTask<int?> FindTerminatorAsync(CancellationToken ct)
    {
        var terminator = (byte)_separators!.Terminator;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(terminator);
            if (found >= 0)
                return searched + found;

            searched = _end - _start;
            if (searched > LongestSegment)
            {
                findings.Refuse("SYN-TERMINATOR", $"No segment terminator within {LongestSegment} bytes.", Here(FirstWord()));
                return null;
            }

            if (await FillAsync(ct))
                continue;
            findings.Refuse("SYN-TRUNCATED", $"The file ends inside a segment ({FirstWord()}).", Here(FirstWord()));
            return null;
        }
    }

    private string FirstWord()
    {
        var length = 0;
        while (length < 3 && _start + length < _end && char.IsAsciiLetterOrDigit((char)_buffer[_start + length]))
            length++;
        return length == 0 ? "?" : Encoding.ASCII.GetString(_buffer, _start, length);
    }

    private Segment Split(ReadOnlySpan<byte> bytes, Separators separators)
    {
        // Separators above 0x7F are legal single bytes; such a file cannot be UTF-8.
        var text = Utf8.IsValid(bytes) && separators is { Element: < (char)0x80, Component: < (char)0x80 }
            ? Encoding.UTF8.GetString(bytes)
            : Encoding.Latin1.GetString(bytes);
        return new Segment(text.Split(separators.Element), separators, ++_ordinal, _bufferOffset + _start);
    }

    private async ValueTask<bool> EnsureAsync(int count, CancellationToken ct)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync(ct))
                return false;
        }

        return true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_endOfStream)
            return false;

        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _bufferOffset += _start;
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
        _end += read;
        _endOfStream = read == 0;
        return read > 0;
    }
}
