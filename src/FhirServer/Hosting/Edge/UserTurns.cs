using System.Collections.Concurrent;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>So many requests of one user at a time (security §8). As many again wait a moment, because a page that asks for all its parts at once means no harm.</summary>
internal sealed class UserTurns(IOptions<EdgeOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly EdgeOptions limits = options.Value;
    private readonly ConcurrentDictionary<string, Lane> users = new(StringComparer.Ordinal);
    private long sweptAt = clock.GetTimestamp();

    /// <summary>How many users are remembered.</summary>
    public int Users => users.Count;

    /// <summary>A turn to <see cref="Lane.Leave"/>, null where there is nothing to leave, or the fault.</summary>
    public async ValueTask<(Lane? Turn, FhirFault? Fault)> EnterAsync(Caller caller, CancellationToken ct)
    {
        if (limits.UserConcurrency <= 0 || caller.Principal is not { UserId: { } user } principal || limits.UncountedClients.Contains(principal.ClientId))
            return (null, null);

        Sweep();
        var lane = users.GetOrAdd(user, static (_, l) => new("user", l.UserConcurrency, l.UserConcurrency, l.QueueTime), limits);
        return await lane.EnterAsync(ct)
            ? (lane, null)
            : (null, FhirFault.Of(FaultKind.TooManyRequests, $"{limits.UserConcurrency} requests of this user are being worked on: wait for their answers before sending more."));
    }

    /// <summary>Forgets who has no request here. One that comes at that very moment may have a turn too many: no harm.</summary>
    private void Sweep()
    {
        var last = Volatile.Read(ref sweptAt);
        if (clock.GetElapsedTime(last) < Every || Interlocked.CompareExchange(ref sweptAt, clock.GetTimestamp(), last) != last)
            return;
        foreach (var user in users)
            if (user.Value is { Running: 0, Waiting: 0 })
                users.TryRemove(user);
    }
}
