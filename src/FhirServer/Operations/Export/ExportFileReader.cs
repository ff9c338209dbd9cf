using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Reads a finished file piece by piece.</summary>
internal sealed class ExportFileReader(IResourceStore store, EncryptionKeys keys, BodyCodec codec)
{
    /// <exception cref="InvalidDataException">A piece is missing or is not the one that was written: nothing of it is handed out.</exception>
    public async IAsyncEnumerable<ReplyBody> ReadAsync(ExportFile file, AccessPlan access, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var lines in PiecesAsync(file, 0, access, ct))
        {
            var part = new ReplyBody();
            part.Add(lines);
            part.Entries = lines.AsSpan().Count((byte)'\n');
            yield return part;
        }
    }

    /// <summary>The bytes of each piece behind the first <paramref name="from"/>.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async IAsyncEnumerable<byte[]> PiecesAsync(ExportFile file, int from, AccessPlan access, [EnumeratorCancellation] CancellationToken ct = default)
    {
        using var cipher = Cipher(file, keys);
        for (var ordinal = from; ordinal < file.Pieces; ordinal++)
            yield return codec.Decompress(await OpenAsync(cipher, file, ordinal, access, ct));
        await OpenAsync(cipher, file, file.Pieces, access, ct);
    }

    public static ContentCipher Cipher(ExportFile file, EncryptionKeys keys)
    {
        if (ContentEnvelope.Parse(file.Envelope) is not { } envelope)
            throw new InvalidDataException($"Content {file.Content} is encrypted in a way this program does not know: a newer one has written it.");
        var key = keys.FindDataKey(envelope.KeyId)
            ?? throw new InvalidDataException($"Content {file.Content} is encrypted with the data key {envelope.KeyId}, which is not among the keys here: put data-keys.json back from where keys are kept.");
        return new(key, envelope, file.Content);
    }

    private async Task<byte[]> OpenAsync(ContentCipher cipher, ExportFile file, int ordinal, AccessPlan access, CancellationToken ct)
    {
        var stored = await store.ReadPieceAsync(file.Content, ordinal, access, ct)
            ?? throw new InvalidDataException($"Piece {ordinal} of content {file.Content} is missing.");
        try
        {
            return cipher.Open(stored, ordinal, isLast: ordinal == file.Pieces);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"Piece {ordinal} of content {file.Content} is not what was stored there; it is not handed out.", e);
        }
    }
}
