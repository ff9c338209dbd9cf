using System.Net;
using System.Net.Sockets;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>Which addresses a name may lead to: public ones, and those an administrator allows (security S-76).</summary>
internal sealed class AddressGuard(OutboundOptions options)
{
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    private readonly IPNetwork[] allowed = [.. options.AllowedNetworks.Select(n => IPNetwork.Parse(n))];

    public bool MayReach(IPAddress address)
    {
        var real = Unwrap(address);
        if (IPAddress.IsLoopback(real))
            return options.AllowLoopback;
        return allowed.Any(n => n.Contains(real)) || !Closed.Any(n => n.BaseAddress.AddressFamily == real.AddressFamily && n.Contains(real));
    }

    /// <summary>IPv4 in the clothes of IPv6 is judged as what it is.</summary>
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address) || bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any))
            return new IPAddress(bytes.AsSpan(12, 4));
        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : address;
    }
}
