using System.Collections.Concurrent;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Security.Access.Consents;

/// <summary>The consents in force, asked for again after a few seconds; what has not changed is not read again.</summary>
/// <param name="active">Current Consents with status active.</param>
internal sealed class ConsentBook(Func<CancellationToken, Task<IReadOnlyList<StoredResource>>> active, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(ResourceKey, int), ActiveConsent?> read = new();
    private volatile Asked? newest;

    /// <summary>One was written here: the next who asks is told of it.</summary>
    public void Forget() => newest = null;

    public async ValueTask<IReadOnlyList<ActiveConsent>> InForceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (newest is { } kept && kept.Until > now)
            return kept.Consents;

        var found = await active(ct);
        if (read.Count > 2 * found.Count + 1000)
            read.Clear();
        var known = found.Select(c => read.GetOrAdd((c.Key, c.Version), _ => ActiveConsent.Read(c))).OfType<ActiveConsent>();
        IReadOnlyList<ActiveConsent> consents = [.. known.GroupBy(c => c.Patient).Select(own => own.MaxBy(c => c.Since, StringComparer.Ordinal)!)];
        newest = new(consents, now + Kept);
        return consents;
    }

    private sealed record Asked(IReadOnlyList<ActiveConsent> Consents, DateTimeOffset Until);
}
