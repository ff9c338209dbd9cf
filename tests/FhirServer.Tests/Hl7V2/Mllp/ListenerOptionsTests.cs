using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Mllp;

public sealed class ListenerOptionsTests
{
    [Fact]
    public void On_this_machine_sender_and_client_are_enough() => Assert.Empty(Of().Faults("L", isDemo: true));

    [Fact]
    public void Beyond_this_machine_there_is_TLS_and_it_is_said_who_may_send()
    {
        var open = Of();
        open.Address = "0.0.0.0";
        Assert.Contains(open.Faults("L", isDemo: false), f => f.StartsWith("L:CertificateFile:", StringComparison.Ordinal));
        Assert.Contains(open.Faults("L", isDemo: false), f => f.Contains("name who may send", StringComparison.Ordinal));
        Assert.Contains(open.Faults("L", isDemo: true), f => f.Contains("demo", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_is_told_all_at_once()
    {
        var faults = new ListenerOptions { Address = "here", Port = 70_000, Networks = ["everywhere"], CertificateFile = "/no/such/file", MaxConnections = 0 }.Faults("L", isDemo: false);
        foreach (var part in new[] { "L:Address", "L:Port", "L:Sender", "L:Client", "L:Networks", "L:CertificateFile", "MaxConnections" })
            Assert.Contains(faults, f => f.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("LAB-1.west_2", true)]
    [InlineData("MY LAB", false)]
    [InlineData("LAB|1", false)]
    [InlineData("", false)]
    public void Names_of_senders_can_stand_in_a_URI(string name, bool isName)
    {
        var options = Of();
        options.Sender = name;
        Assert.Equal(isName, options.Faults("L", isDemo: true).Count == 0);
        if (isName)
            Assert.Equal(name, new SenderBook(new Dictionary<string, SenderOptions> { [name] = new() }, TimeZoneInfo.Utc).Named(name).Name);
        else
            Assert.Throws<InvalidOperationException>(() => new SenderBook(new Dictionary<string, SenderOptions> { [name] = new() }, TimeZoneInfo.Utc));
    }

    [Fact]
    public void Destinations_beyond_this_machine_need_TLS()
    {
        Assert.Single(new DestinationOptions { Host = "lab.example.org", Port = 2575 }.Faults("D"));
        Assert.Empty(new DestinationOptions { Host = "lab.example.org", Port = 2575, Tls = true }.Faults("D"));
        Assert.Empty(new DestinationOptions { Host = "127.0.0.1", Port = 2575 }.Faults("D"));
    }

    private static ListenerOptions Of() => new() { Port = 2575, Sender = "LAB", Client = "lab" };
}
