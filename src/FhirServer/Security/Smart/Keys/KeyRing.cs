using System.Collections.Frozen;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.Keys;

/// <summary>The keys as they stand at one moment.</summary>
internal sealed class KeyRing
{
    private readonly FrozenDictionary<string, SecurityKey> verifying;

    public KeyRing(IReadOnlyList<TokenKey> keys, DateTimeOffset now)
    {
        Signing = [.. InOrder(keys, KeyPurpose.Sign, now)];
        Sealing = [.. InOrder(keys, KeyPurpose.Seal, now)];
        verifying = Signing.ToFrozenDictionary(k => k.Kid, k => k.Key, StringComparer.Ordinal);
    }

    /// <summary>The one in use first; then those that only verify, and those to come, which others should know before they are used.</summary>
    public IReadOnlyList<TokenKey> Signing { get; }

    public IReadOnlyList<TokenKey> Sealing { get; }

    public bool IsComplete => Signing.Count > 0 && Sealing.Count > 0;

    /// <summary>The key that a token names; null when it is none of ours.</summary>
    public SecurityKey? Find(string? kid) => kid is null ? null : verifying.GetValueOrDefault(kid);

    public bool IsSameAs(KeyRing other) =>
        Signing.Select(k => k.Kid).SequenceEqual(other.Signing.Select(k => k.Kid)) && Sealing.Select(k => k.Kid).SequenceEqual(other.Sealing.Select(k => k.Kid));

    private static IEnumerable<TokenKey> InOrder(IReadOnlyList<TokenKey> keys, KeyPurpose purpose, DateTimeOffset now) =>
        keys.Where(k => k.Purpose == purpose)
            .OrderBy(k => k.Since > now) // without one in force, which a clock that was wrong can cause, the nearest is used
            .ThenByDescending(k => k.Since)
            .ThenBy(k => k.Kid, StringComparer.Ordinal);
}
