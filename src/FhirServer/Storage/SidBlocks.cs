namespace FhirEmr.FhirServer.Storage;

/// <summary>Surrogate keys from blocks that the database hands out, so that a key costs no round trip and no two nodes give the same.</summary>
/// <remarks>What is left of a block when the process ends, or when the next request does not fit in it, is never used.</remarks>
internal sealed class SidBlocks(Func<long> nextBlock)
{
    /// <summary>More than the largest bundle has entries (10,000), so that one block holds any request.</summary>
    public const int Size = 1 << 14;

    private readonly Lock gate = new();
    private long next = 1;
    private long end = 1;

    public long Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Size);
        lock (gate)
        {
            if (end - next < count)
            {
                next = (nextBlock() * Size) + 1;
                end = next + Size;
            }

            next += count;
            return next - count;
        }
    }
}
