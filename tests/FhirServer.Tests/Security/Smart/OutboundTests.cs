using System.Net;
using FhirEmr.FhirServer.Security.Outbound;

namespace FhirEmr.FhirServer.Tests.Security.Smart;

/// <summary>Where the server may go by itself (security S-76).</summary>
[Trait("Requirement", "S-76")]
public sealed class OutboundTests
{
    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.9.9.9", false)]
    [InlineData("::1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("64:ff9b::a9fe:a9fe", false)]
    [InlineData("64:ff9b::5db8:d822", true)]
    [InlineData("2002:a00:1::", false)]
    public void Only_public_addresses_are_reached(string address, bool may) => Assert.Equal(may, new AddressGuard(new OutboundOptions()).MayReach(IPAddress.Parse(address)));

    [Fact]
    public void What_an_administrator_vouches_for_is_reached_and_nothing_beside_it()
    {
        var options = new OutboundOptions();
        options.AllowedNetworks.Add("10.1.0.0/16");
        var guard = new AddressGuard(options);

        Assert.True(guard.MayReach(IPAddress.Parse("10.1.2.3")));
        Assert.True(guard.MayReach(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(guard.MayReach(IPAddress.Parse("10.2.2.3")));
        Assert.False(guard.MayReach(IPAddress.Loopback));
        Assert.True(new AddressGuard(new OutboundOptions { AllowLoopback = true }).MayReach(IPAddress.Loopback));
    }

    [Theory]
    [InlineData("https://client.example.org/jwks.json", true)]
    [InlineData("http://client.example.org/jwks.json", false)]
    [InlineData("http://127.0.0.1:1/jwks.json", false)]
    [InlineData("https://user:secret@client.example.org/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("ftp://client.example.org/", false)]
    public void Only_https_is_spoken(string address, bool may)
    {
        using var http = new GuardedHttpClient(new OutboundOptions());
        Assert.Equal(may, http.Fault(new Uri(address)) is null);
    }

    [Fact]
    public async Task A_name_that_is_too_long_for_one_is_a_fault_and_no_exception()
    {
        using var http = new GuardedHttpClient(new OutboundOptions());
        var address = new Uri($"https://{string.Join('.', Enumerable.Repeat(new string('a', 60), 5))}/");
        Assert.Contains("name of a host", await http.FaultAsync(address, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_not_followed()
    {
        using var http = new GuardedHttpClient(new OutboundOptions());
        await Assert.ThrowsAsync<OutboundException>(() => http.GetAsync(new Uri("https://localhost:1/jwks.json"), TestContext.Current.CancellationToken));
    }
}
