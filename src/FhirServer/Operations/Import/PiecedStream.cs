using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Pieces as one stream.</summary>
internal sealed class PiecedStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : ForwardStream
{
    private readonly IAsyncEnumerator<ReadOnlyMemory<byte>> next = pieces.GetAsyncEnumerator();
    private ReadOnlyMemory<byte> piece;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (piece.IsEmpty)
        {
            if (!await next.MoveNextAsync())
                return 0;
            piece = next.Current;
        }

        var count = Math.Min(buffer.Length, piece.Length);
        piece[..count].CopyTo(buffer);
        piece = piece[count..];
        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await next.DisposeAsync();
        await base.DisposeAsync();
    }
}
