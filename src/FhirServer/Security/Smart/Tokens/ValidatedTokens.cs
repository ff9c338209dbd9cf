using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Tokens found good within the last seconds, by their hash, so that a signature and the database are not asked for each request (security S-16).</summary>
internal sealed class ValidatedTokens(TimeProvider clock)
{
    /// <summary>How long a revocation on another node may go unnoticed here.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private const int Most = 20_000;

    private readonly ConcurrentDictionary<TokenHash, (Principal Principal, DateTimeOffset Until)> kept = new();
    private int generation;

    /// <summary>Counted up by each <see cref="Clear"/>: what was begun before one is not kept after it.</summary>
    public int Generation => Volatile.Read(ref generation);

    public Principal? Find(in TokenHash hash) => kept.TryGetValue(hash, out var found) && clock.GetUtcNow() < found.Until ? found.Principal : null;

    public void Keep(in TokenHash hash, Principal principal, int begunIn)
    {
        if (kept.Count >= Most)
            kept.Clear();
        var until = clock.GetUtcNow() + Kept;
        kept[hash] = (principal, until < principal.ExpiresAt ? until : principal.ExpiresAt);
        if (begunIn != Generation)
            kept.TryRemove(hash, out _);
    }

    /// <summary>Something was revoked on this node.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref generation);
        kept.Clear();
    }
}

/// <summary>SHA-256 of a token.</summary>
internal readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> bytes = token.Length <= 2048 ? stackalloc byte[token.Length] : new byte[token.Length];
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(token, bytes)], hash);
        var parts = MemoryMarshal.Cast<byte, ulong>(hash);
        return new(parts[0], parts[1], parts[2], parts[3]);
    }
}
