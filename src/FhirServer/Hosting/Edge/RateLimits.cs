using System.Net;
using System.Threading.RateLimiting;
using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Requests a minute of one client address (security §8). This machine is not limited, and system clients will not be.</summary>
internal sealed class RateLimits : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress>? limiter;

    public RateLimits(IOptions<EdgeOptions> options)
    {
        var perMinute = options.Value.AddressPerMinute;
        if (perMinute > 0)
            limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => new()
            {
                TokenLimit = perMinute,
                TokensPerPeriod = Math.Max(1, perMinute / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1.0, 60.0 / perMinute)),
                QueueLimit = 0,
                AutoReplenishment = true,
            }));
    }

    /// <summary>Null when the client may go on.</summary>
    public FhirFault? Fault(IPAddress? client)
    {
        if (limiter is null || client is null || IPAddress.IsLoopback(client))
            return null;
        using var lease = limiter.AttemptAcquire(client);
        return lease.IsAcquired ? null : FhirFault.Of(FaultKind.TooManyRequests, "This address has sent more requests than it may in a minute. Wait, then go on.");
    }

    public void Dispose() => limiter?.Dispose();
}
