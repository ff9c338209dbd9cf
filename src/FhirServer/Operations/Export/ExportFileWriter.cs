using System.Buffers;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Puts lines behind those a file has already: compressed, encrypted (security.md S-61) and in pieces that the commit of the chunk takes along.</summary>
/// <remarks>
/// A file grows over many commits, so no piece knows whether it is the last: an empty one that says so closes the file. Each piece is bound to
/// its file and its place in it, so none can be left out, moved or put in from elsewhere.
/// </remarks>
internal sealed class ExportFileWriter : IDisposable
{
    /// <summary>Bytes of lines a piece holds before it is compressed; the last line of a piece may reach beyond it.</summary>
    private const int PieceBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> lines = new(PieceBytes + (64 * 1024));
    private readonly ContentCipher cipher;
    private readonly BodyCodec codec;
    private readonly CommitPlan plan;

    private ExportFileWriter(ExportFile file, ContentCipher cipher, BodyCodec codec, CommitPlan plan) =>
        (File, this.cipher, this.codec, this.plan) = (file, cipher, codec, plan);

    /// <summary>The file with what was written to it so far.</summary>
    public ExportFile File { get; private set; }

    public static ExportFileWriter Begin(string type, string kind, IResourceStore store, EncryptionKeys keys, BodyCodec codec, CommitPlan plan, long now)
    {
        var (content, key) = (store.ReserveSids(1), keys.Newest);
        var envelope = ContentEnvelope.New(key);
        plan.Contents.Add(new ContentWrite.Begin(content, now));
        return new(new(type, kind, content, envelope.Text, 0, 0, 0, false), new(key, envelope, content), codec, plan);
    }

    public static ExportFileWriter GoOn(ExportFile file, EncryptionKeys keys, BodyCodec codec, CommitPlan plan) =>
        new(file, ExportFileReader.Cipher(file, keys), codec, plan);

    /// <summary>Bytes of a line; several calls may make one.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lines.Write(bytes);
        if (lines.WrittenCount >= PieceBytes)
            Flush();
    }

    public void EndLine()
    {
        Write("\n"u8);
        File = File with { Count = File.Count + 1 };
    }

    /// <summary>What is left of the chunk becomes a piece.</summary>
    public void Flush()
    {
        if (lines.WrittenCount == 0)
            return;
        Add(codec.Compress(lines.WrittenSpan), isLast: false);
        File = File with { Pieces = File.Pieces + 1, Bytes = File.Bytes + lines.WrittenCount };
        lines.ResetWrittenCount();
    }

    public void Close()
    {
        Flush();
        Add([], isLast: true);
        File = File with { IsClosed = true };
    }

    public void Dispose() => cipher.Dispose();

    private void Add(byte[] piece, bool isLast) => plan.Contents.Add(new ContentWrite.Piece(File.Content, File.Pieces, cipher.Seal(piece, File.Pieces, isLast)));
}
