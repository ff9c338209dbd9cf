using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Interactions.Binaries;

/// <summary>Moves the contents of large Binaries in and out of the store, a piece at a time; in it they are encrypted (security S-61).</summary>
internal sealed class ContentStore(IResourceStore store, EncryptionKeys keys, TimeProvider clock)
{
    /// <summary>Pieces that share a commit: few enough that a record written meanwhile does not wait.</summary>
    private const int PiecesPerCommit = 4;

    /// <summary>Reads a stream to its end and stores it; null when it holds more than <paramref name="limit"/> bytes (then nothing is kept).</summary>
    public async Task<ContentPointer?> StoreAsync(Stream bytes, long limit, CancellationToken ct)
    {
        var content = store.ReserveSids(1);
        var plan = new CommitPlan();
        plan.Contents.Add(new ContentWrite.Begin(content, clock.GetUtcNow().ToUnixTimeMilliseconds()));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var key = keys.Newest;
        var envelope = ContentEnvelope.New(key);
        using var cipher = new ContentCipher(key, envelope, content);
        var (piece, ahead) = (new byte[ContentPointer.PieceBytes], new byte[ContentPointer.PieceBytes]);
        var (size, begun) = (0L, false);
        try
        {
            var length = await bytes.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct);
            for (var ordinal = 0; length > 0; ordinal++)
            {
                // A piece is told whether it is the last, so the next one is read before it is stored.
                var next = length < piece.Length ? 0 : await bytes.ReadAtLeastAsync(ahead, ahead.Length, throwOnEndOfStream: false, ct);
                size += length;
                if (size + next > limit)
                {
                    await AbandonAsync(content, begun);
                    return null;
                }

                hash.AppendData(piece, 0, length);
                plan.Contents.Add(new ContentWrite.Piece(content, ordinal, cipher.Seal(piece.AsSpan(0, length), ordinal, isLast: next == 0)));
                if (next > 0 && plan.Contents.Count >= PiecesPerCommit)
                {
                    await CommitAsync(plan);
                    (plan, begun) = (new(), true);
                }

                (piece, ahead, length) = (ahead, piece, next);
            }

            var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
            plan.Contents.Add(new ContentWrite.Close(content, size, digest));
            await CommitAsync(plan);
            return new(content, size, digest, ContentSeal.Of(store.Symbols, content, size, digest, envelope.Text), envelope.Text);
        }
        catch (Exception e) when (begun && e is OperationCanceledException or IOException)
        {
            await AbandonAsync(content, begun);
            throw;
        }
    }

    /// <summary>Takes back what was stored when no version came to refer to it.</summary>
    public Task AbandonAsync(ContentPointer pointer) => AbandonAsync(pointer.Content, true);

    /// <summary>Bytes <paramref name="from"/> to <paramref name="to"/> (exclusive), at most a piece at a time.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        ContentPointer pointer, long from, long to, AccessPlan access, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!ContentSeal.IsGenuine(store.Symbols, pointer))
            throw new InvalidDataException("A Binary points to a content that this store did not make.");
        using var cipher = Cipher(pointer);
        while (from < to)
        {
            var ordinal = (int)(from / ContentPointer.PieceBytes);
            var piece = Open(cipher, pointer, ordinal, await store.ReadPieceAsync(pointer.Content, ordinal, access, ct)
                ?? throw new InvalidDataException($"Piece {ordinal} of content {pointer.Content} is missing; run the doctor."));
            var start = (int)(from - ((long)ordinal * ContentPointer.PieceBytes));
            var length = (int)Math.Min(piece.Length - start, to - from);
            if (length <= 0)
                throw new InvalidDataException($"Piece {ordinal} of content {pointer.Content} is too short; run the doctor.");
            yield return piece.AsMemory(start, length);
            from += length;
        }
    }

    /// <summary>The whole content of a Binary, whether it stands in the resource or beside it; empty when there is none, null when it has more than <paramref name="most"/> bytes.</summary>
    public async Task<byte[]?> WholeAsync(ReadOnlyMemory<byte> json, long most, AccessPlan access, CancellationToken ct)
    {
        if (ContentPointer.Find(json.Span, out _, out _) is not { } pointer)
        {
            var data = FhirFormats.Parse<Binary>(json.Span).Data ?? [];
            return data.Length > most ? null : data;
        }

        if (pointer.Size > most)
            return null;
        using var whole = new MemoryStream((int)pointer.Size);
        await foreach (var piece in ReadAsync(pointer, 0, pointer.Size, access, ct))
            whole.Write(piece.Span);
        return whole.ToArray();
    }

    /// <summary>Removes uploads begun before an instant that nothing refers to; answers how many.</summary>
    public async Task<int> SweepAsync(DateTimeOffset before, AccessPlan access, CancellationToken ct)
    {
        var swept = 0;
        foreach (var content in await store.AbandonedContentAsync(before, 1000, access, ct))
        {
            ct.ThrowIfCancellationRequested();
            var plan = new CommitPlan();
            plan.Contents.Add(new ContentWrite.Drop(content));
            if (await store.CommitAsync(plan, ct) is CommitResult.Committed)
                swept++;
        }

        return swept;
    }

    /// <summary>Null for a content stored before contents were encrypted.</summary>
    private ContentCipher? Cipher(ContentPointer pointer)
    {
        if (pointer.Envelope is null)
            return null;
        if (ContentEnvelope.Parse(pointer.Envelope) is not { } envelope)
            throw new InvalidDataException($"Content {pointer.Content} is encrypted in a way this program does not know: a newer one has written it.");
        var key = keys.FindDataKey(envelope.KeyId)
            ?? throw new InvalidDataException($"Content {pointer.Content} is encrypted with the data key {envelope.KeyId}, which is not among the keys here: put data-keys.json back from where keys are kept.");
        return new(key, envelope, pointer.Content);
    }

    private static byte[] Open(ContentCipher? cipher, ContentPointer pointer, int ordinal, byte[] stored)
    {
        if (cipher is null)
            return stored;
        try
        {
            return cipher.Open(stored, ordinal, isLast: ordinal == (pointer.Size - 1) / ContentPointer.PieceBytes);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"Piece {ordinal} of content {pointer.Content} is not what was stored there; it is not handed out.", e);
        }
    }

    private async Task AbandonAsync(long content, bool begun)
    {
        if (!begun)
            return;
        var plan = new CommitPlan();
        plan.Contents.Add(new ContentWrite.Drop(content));
        await store.CommitAsync(plan, CancellationToken.None);
    }

    private async Task CommitAsync(CommitPlan plan)
    {
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale)
            throw new StorageUnavailableException("The content of a Binary could not be stored.");
    }
}
