namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>Parts of a file, one behind the other, and some bytes after them: an interchange of a file, or one group of an interchange.</summary>
/// <remarks>It moves the position of the file, so only one is read at a time. The file is not closed with it.</remarks>
internal sealed class PartStream(Stream file, IReadOnlyList<FilePart> parts, ReadOnlyMemory<byte> tail) : Stream
{
    private readonly long _ofFile = parts.Sum(p => p.Length);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _ofFile + tail.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.IsEmpty)
            return 0;
        if (Position >= _ofFile)
        {
            var rest = tail[(int)(Position - _ofFile)..];
            var copied = Math.Min(rest.Length, buffer.Length);
            rest[..copied].CopyTo(buffer);
            Position += copied;
            return copied;
        }

        var start = Position;
        var part = 0;
        while (start >= parts[part].Length)
            start -= parts[part++].Length;
        file.Position = parts[part].Offset + start;
        var read = await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, parts[part].Length - start)], cancellationToken);
        if (read == 0)
            throw new EndOfStreamException("The file became shorter while it was read.");
        Position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
