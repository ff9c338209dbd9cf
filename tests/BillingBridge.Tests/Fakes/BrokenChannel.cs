using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A channel whose other side is down until a test says otherwise.</summary>
internal sealed class BrokenChannel : IPayerChannel
{
    public MemoryChannel Behind { get; } = new();

    public bool IsDown { get; set; } = true;

    public int Calls { get; private set; }

    public string Name => "hub";

    public ChannelKind Kind => ChannelKind.Mock;

    public Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        Calls++;
        return IsDown ? throw new ChannelException("hub cannot be reached.") : Behind.SendAsync(fileName, content, ct);
    }

    public IAsyncEnumerable<InboundFile> ListInboundAsync(CancellationToken ct) => Behind.ListInboundAsync(ct);

    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct) => Behind.OpenInboundAsync(fileName, ct);

    public Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct) => Task.CompletedTask;
}
