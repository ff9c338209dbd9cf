using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Binaries;

/// <summary>Moves the contents of large Binaries in and out of the store, a piece at a time.</summary>
internal sealed class ContentStore(IResourceStore store, TimeProvider clock)
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
        var (size, ordinal, begun) = (0L, 0, false);
        try
        {
            for (var isLast = false; !isLast;)
            {
                var piece = new byte[ContentPointer.PieceBytes];
                var length = await bytes.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, ct);
                isLast = length < piece.Length;
                size += length;
                if (size > limit)
                {
                    await AbandonAsync(content, begun);
                    return null;
                }

                hash.AppendData(piece, 0, length);
                if (length > 0)
                    plan.Contents.Add(new ContentWrite.Piece(content, ordinal++, isLast ? piece[..length] : piece));
                if (isLast)
                    break;
                if (plan.Contents.Count >= PiecesPerCommit)
                {
                    await CommitAsync(plan);
                    (plan, begun) = (new(), true);
                }
            }

            var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
            plan.Contents.Add(new ContentWrite.Close(content, size, digest));
            await CommitAsync(plan);
            return new(content, size, digest, ContentSeal.Of(store.Symbols, content, size, digest));
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
        while (from < to)
        {
            var ordinal = (int)(from / ContentPointer.PieceBytes);
            var piece = await store.ReadPieceAsync(pointer.Content, ordinal, access, ct)
                ?? throw new InvalidDataException($"Piece {ordinal} of content {pointer.Content} is missing; run the doctor.");
            var start = (int)(from - ((long)ordinal * ContentPointer.PieceBytes));
            var length = (int)Math.Min(piece.Length - start, to - from);
            if (length <= 0)
                throw new InvalidDataException($"Piece {ordinal} of content {pointer.Content} is too short; run the doctor.");
            yield return piece.AsMemory(start, length);
            from += length;
        }
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
