using System.Runtime.CompilerServices;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Parquet;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>A file of an export as Parquet: made from its lines as it is fetched, some rows at a time, so that it needs no room of its own.</summary>
/// <remarks>What lies encrypted in the store is the same for both formats, and so is how an export goes on after a crash (docs/adr/0026).</remarks>
internal sealed class ParquetFile(ExportFileReader files, TimeZoneInfo zone)
{
    public const string MediaType = "application/vnd.apache.parquet";

    private const int GroupRows = 10_000;
    private const long GroupBytes = 8 * 1024 * 1024;

    private static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Zstd };

    /// <param name="caller">Whose audit learns whose data it was.</param>
    public async IAsyncEnumerable<ReplyBody> ReadAsync(ExportFile file, Caller caller, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var output = new DrainedStream();
        var writer = await ParquetWriter.CreateAsync(ParquetColumns.Schema, output, Options, cancellationToken: ct);
        var (rows, bytes) = (new List<ParquetRow>(), 0L);
        await foreach (var line in NdJsonLine.ReadAsync(files.PiecesAsync(file, 0, caller.Access, ct), default, ct))
        {
            rows.Add(Row(line.Bytes.Span, caller));
            bytes += line.Bytes.Length;
            if (rows.Count < GroupRows && bytes < GroupBytes)
                continue;
            await ParquetColumns.WriteAsync(writer, rows, ct);
            yield return output.Drain(rows.Count);
            (rows, bytes) = ([], 0);
        }

        if (rows.Count > 0)
            await ParquetColumns.WriteAsync(writer, rows, ct);
        await writer.DisposeAsync();
        yield return output.Drain(rows.Count);
    }

    private ParquetRow Row(ReadOnlySpan<byte> line, Caller caller)
    {
        var root = FhirJsonReader.Read(line.ToArray(), out _)?.Root ?? throw new InvalidDataException("A line of an export cannot be read.");
        if (root.TextOf("id") is { } id)
            caller.Trail?.Saw(new(root.Type.Name, id), line);
        return ParquetRow.Of(root, Encoding.UTF8.GetString(line), zone);
    }

    /// <summary>Written to at its end only, and emptied in between; it knows how much it was.</summary>
    private sealed class DrainedStream : Stream
    {
        private MemoryStream held = new();
        private long drained;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Position;

        public override long Position { get => drained + held.Length; set => throw new NotSupportedException(); }

        public ReplyBody Drain(int rows)
        {
            var part = new ReplyBody { Entries = rows };
            part.Add(held.GetBuffer().AsMemory(0, (int)held.Length));
            drained += held.Length;
            held = new();
            return part;
        }

        public override void Write(byte[] buffer, int offset, int count) => held.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => held.Write(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            held.Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
