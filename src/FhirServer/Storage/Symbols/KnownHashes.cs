namespace FhirEmr.FhirServer.Storage.Symbols;

/// <summary>Remembers which token texts are surely stored, in fixed memory: a forgotten one costs a redundant write, nothing else.</summary>
internal sealed class KnownHashes
{
    private readonly long[] slots = new long[1 << 16];

    public bool Contains(long hash) => Volatile.Read(ref slots[hash & (slots.Length - 1)]) == hash && hash != 0;

    public void Add(long hash) => Volatile.Write(ref slots[hash & (slots.Length - 1)], hash);
}
