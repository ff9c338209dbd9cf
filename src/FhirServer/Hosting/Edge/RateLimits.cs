using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Requests a minute of an address, of one that shows no credentials, of a user and of a client (security §8). A Bundle is one request.</summary>
/// <remarks>
/// This machine's address is not limited: many users share it, behind a proxy that does not say for whom it asks, too. Users and clients are, wherever they come from;
/// the server's own work has neither.
/// </remarks>
internal sealed class RateLimits(IOptions<EdgeOptions> options, TimeProvider clock)
{
    private readonly RequestRate<ulong> addresses = new(options.Value.AddressPerMinute, clock);
    private readonly RequestRate<ulong> strangers = new(options.Value.AnonymousPerMinute, clock);
    private readonly RequestRate<string> users = new(options.Value.UserPerMinute, clock);
    private readonly RequestRate<string> clients = new(options.Value.ClientPerMinute, clock);
    private readonly RequestRate<ulong> tokenAddresses = new(options.Value.TokensPerMinute, clock);
    private readonly RequestRate<(string Client, string? User)> tokens = new(options.Value.TokensPerMinute, clock);
    private readonly HashSet<string> uncounted = [.. options.Value.UncountedClients];

    /// <summary>Before anything is known about who asks. Null when they may go on.</summary>
    public FhirFault? AddressFault(IPAddress? address) =>
        Party(address) is { } party && addresses.Take(party) is var wait && wait > TimeSpan.Zero ? Fault("This address", wait) : null;

    /// <summary>Once it is known who asks; credentials that do not count are as good as none.</summary>
    public FhirFault? CallerFault(Caller caller, IPAddress? address)
    {
        if (ReferenceEquals(caller, Caller.Anonymous))
            return Party(address) is { } party && strangers.Take(party) is var strange && strange > TimeSpan.Zero ? Fault("This address, without credentials that count,", strange) : null;
        if (caller.Principal is not { } principal || uncounted.Contains(principal.ClientId))
            return null;
        if (principal.UserId is { } user && users.Take(user) is var wait && wait > TimeSpan.Zero)
            return Fault("This user", wait);
        return clients.Take(principal.ClientId) is var rest && rest > TimeSpan.Zero ? Fault("This client", rest) : null;
    }

    /// <summary>How long the address has to wait before it asks for another token; zero when this one was taken.</summary>
    public TimeSpan TakeToken(IPAddress? address) => Party(address) is { } party ? tokenAddresses.Take(party) : TimeSpan.Zero;

    /// <summary>The same, without asking for one.</summary>
    public TimeSpan TokenWait(IPAddress? address) => Party(address) is { } party ? tokenAddresses.Left(party) : TimeSpan.Zero;

    /// <summary>For a client that has proved who it is; an app of many users has as many tokens to ask for.</summary>
    public TimeSpan TakeToken(string clientId, string? userId) => uncounted.Contains(clientId) ? TimeSpan.Zero : tokens.Take((clientId, userId));

    /// <summary>As the header Retry-After says it: whole, and never too few (RFC 9110 section 10.2.3).</summary>
    public static string Seconds(TimeSpan wait) => Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private static FhirFault Fault(string who, TimeSpan wait) =>
        FhirFault.Of(FaultKind.TooManyRequests, $"{who} has sent more requests than it may in a minute. Wait as long as Retry-After says, then go on.") with { RetryAfter = wait };

    /// <summary>Null for this machine. Of an IPv6 address the network: whoever has one of its hosts has them all.</summary>
    private static ulong? Party(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address))
            return null;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : address.IsIPv4MappedToIPv6 ? BinaryPrimitives.ReadUInt32BigEndian(bytes[12..])
            : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
