using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace FhirEmr.FhirServer.Security.Smart.Keys;

/// <summary>The keys in force: made when there are none, renewed when they are old, read again when another node may have changed them (security S-62).</summary>
internal sealed class TokenKeys(KeyFolder folder, SmartOptions options, TimeProvider clock) : IOptionsChangeTokenSource<OpenIddictServerOptions>, IDisposable
{
    /// <summary>From a key's making until it signs: as long as others may go on with the key set they have.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ReadAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private volatile KeyRing? ring;
    private CancellationTokenSource change = new();
    private DateTimeOffset readAt;

    string? IOptionsChangeTokenSource<OpenIddictServerOptions>.Name => Options.DefaultName;

    public KeyRing Ring => ring is { } known && clock.GetUtcNow() - readAt < ReadAgain ? known : Read(ReadAgain);

    /// <summary>The key a token names. One that nobody knows may have been made by another node a moment ago.</summary>
    public SecurityKey? Find(string? kid) => kid is null ? null : Ring.Find(kid) ?? Read(Patience).Find(kid);

    /// <summary>Makes new keys. <paramref name="atOnce"/> when the old ones must not sign any more: whoever keeps our key set for a while then fails for that while.</summary>
    public IReadOnlyList<TokenKey> Rotate(bool atOnce)
    {
        lock (gate)
        {
            var since = clock.GetUtcNow() + (atOnce ? TimeSpan.Zero : Notice);
            TokenKey[] made = [folder.Create(KeyPurpose.Sign, since), folder.Create(KeyPurpose.Seal, since)];
            Take(DropForgotten(folder.Read()));
            return made;
        }
    }

    IChangeToken IOptionsChangeTokenSource<OpenIddictServerOptions>.GetChangeToken() => new CancellationChangeToken(change.Token);

    public void Dispose() => change.Dispose();

    private KeyRing Read(TimeSpan notWithin)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (ring is { } known && now - readAt < notWithin)
                return known;
            var keys = folder.Read();
            foreach (var purpose in (KeyPurpose[])[KeyPurpose.Sign, KeyPurpose.Seal])
            {
                var newest = keys.Where(k => k.Purpose == purpose).MaxBy(k => k.Since);
                if (newest is null)
                    keys = [.. keys, folder.Create(purpose, now)];
                else if (now - newest.Since > options.KeyLife)
                    keys = [.. keys, folder.Create(purpose, now + Notice)];
            }

            return Take(keys);
        }
    }

    private KeyRing Take(IReadOnlyList<TokenKey> keys)
    {
        var now = clock.GetUtcNow();
        var taken = new KeyRing(keys, now);
        var changed = ring is { } before && !before.IsSameAs(taken);
        if (!changed && ring is not null)
        {
            readAt = now;
            return ring; // the same key objects: signature providers are kept by them
        }

        ring = taken;
        readAt = now;
        if (changed)
        {
            var old = change;
            change = new();
            old.Cancel();
        }

        return taken;
    }

    /// <summary>What was replaced longer ago than anything made with it can live.</summary>
    private List<TokenKey> DropForgotten(IReadOnlyList<TokenKey> keys)
    {
        var limit = clock.GetUtcNow() - options.RefreshAbsoluteLife - TimeSpan.FromDays(1);
        var kept = new List<TokenKey>();
        foreach (var ofPurpose in keys.GroupBy(k => k.Purpose))
        {
            var newestFirst = ofPurpose.OrderByDescending(k => k.Since).ToArray();
            for (var i = 0; i < newestFirst.Length; i++)
                if (i > 0 && newestFirst[i - 1].Since < limit)
                    KeyFolder.Delete(newestFirst[i]);
                else
                    kept.Add(newestFirst[i]);
        }

        return kept;
    }
}
