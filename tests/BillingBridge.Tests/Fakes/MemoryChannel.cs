using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Tests.Fakes;

/// <summary>A channel that keeps what it is sent.</summary>
internal sealed class MemoryChannel(ChannelKind kind = ChannelKind.Mock) : IPayerChannel
{
    public Dictionary<string, byte[]> Sent { get; } = [];

    public string Name => "memory";

    public ChannelKind Kind => kind;

    public Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        if (Sent.TryGetValue(fileName, out var there))
            return Task.FromResult(content.Span.SequenceEqual(there) ? SendOutcome.AlreadySent : SendOutcome.NameTaken);
        Sent[fileName] = content.ToArray();
        return Task.FromResult(SendOutcome.Sent);
    }

    public IAsyncEnumerable<InboundFile> ListInboundAsync(CancellationToken ct) => AsyncEnumerable.Empty<InboundFile>();

    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct) => Task.FromResult<Stream?>(null);

    public Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct) => Task.CompletedTask;
}
