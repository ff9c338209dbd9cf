using System.IO.Pipelines;
using System.Text;
using FhirEmr.FhirServer.Hl7V2.Mllp;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using Microsoft.Extensions.Logging.Abstractions;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Mllp;

public sealed class MllpConnectionTests
{
    /// <summary>A sender that does not wait for answers: the next message has always begun when one is answered, and each takes most of the time it may.</summary>
    [Fact]
    public async Task Each_message_has_its_own_time_however_they_follow_each_other()
    {
        var (clock, taken, seen) = (new HandClock(), 0, new SemaphoreSlim(0));
        var (incoming, outgoing) = (new Pipe(), new MemoryStream());
        await using var stream = new TwoWay(incoming.Reader.AsStream(), outgoing);
        var connection = new MllpConnection(stream, new ListenerOptions { MessageSeconds = 30 }, new MessageLimits(), (_, _) =>
        {
            taken++;
            clock.Now += TimeSpan.FromSeconds(20);
            seen.Release();
            return Task.FromResult(new Received(null, "AA", [1]));
        }, clock, NullLogger.Instance);
        var running = connection.RunAsync(CancellationToken.None);
        await incoming.Writer.WriteAsync(Encoding.UTF8.GetBytes("\vone"), TestContext.Current.CancellationToken);
        for (var i = 0; i < 4; i++)
        {
            await incoming.Writer.WriteAsync(Encoding.UTF8.GetBytes("\u001c\r\vnext"), TestContext.Current.CancellationToken);
            Assert.True(await seen.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), $"The connection ended after {taken} messages.");
        }

        await incoming.Writer.CompleteAsync();
        await running;
        Assert.Equal(4, taken);
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class TwoWay(Stream read, Stream write) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => write.Flush();

        public override int Read(byte[] buffer, int offset, int count) => read.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => read.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => write.WriteAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => write.Write(buffer, offset, count);
    }
}
