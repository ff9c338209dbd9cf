using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Channels;

/// <summary>A channel that is left alone for a while when its other side fails again and again (reliability R-24, circuit breaker).</summary>
public sealed class RestedChannel(IPayerChannel channel, DeliveryPolicy policy) : IPayerChannel, IDisposable
{
    /// <inheritdoc/>
    public string Name => channel.Name;

    /// <inheritdoc/>
    public ChannelKind Kind => channel.Kind;

    /// <inheritdoc/>
    public Task<SendOutcome> SendAsync(string fileName, ReadOnlyMemory<byte> content, CancellationToken ct) => TryAsync(() => channel.SendAsync(fileName, content, ct));

    /// <inheritdoc/>
    public async IAsyncEnumerable<InboundFile> ListInboundAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var file in await TryAsync(async () => await channel.ListInboundAsync(ct).ToListAsync(ct)))
            yield return file;
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenInboundAsync(string fileName, CancellationToken ct) => TryAsync(() => channel.OpenInboundAsync(fileName, ct));

    /// <inheritdoc/>
    public Task AcknowledgeAsync(string fileName, InboundDisposition disposition, CancellationToken ct) => TryAsync(async () =>
    {
        await channel.AcknowledgeAsync(fileName, disposition, ct);
        return true;
    });

    /// <summary>With the channel, when it holds a connection.</summary>
    public void Dispose() => (channel as IDisposable)?.Dispose();

    private async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        if (policy.ClosedUntil(channel.Name) is { } until)
            throw new ChannelException($"{channel.Name} failed several times and is left alone until {until:yyyy-MM-dd HH:mm:ss} UTC.");
        try
        {
            var result = await call();
            policy.Succeeded(channel.Name);
            return result;
        }
        catch (IOException)
        {
            policy.Failed(channel.Name);
            throw;
        }
    }
}
