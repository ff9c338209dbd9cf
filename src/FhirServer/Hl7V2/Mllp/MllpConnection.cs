using System.Buffers;
using System.IO.Pipelines;
using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>One connection of a sender: messages in, one after the other, each answered before the next is looked at.</summary>
/// <param name="receive">Takes in a message; the answer is given after its commit.</param>
internal sealed partial class MllpConnection(
    Stream stream, ListenerOptions options, MessageLimits limits, Func<ReadOnlyMemory<byte>, CancellationToken, Task<Received>> receive, TimeProvider clock, ILogger log)
{
    private int taken; // messages, for telling whether one is the one before

    /// <summary>Serves until the sender goes, is silent for too long, sends what is no MLLP, or the server stops: then the message under way is still answered.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        var frames = new MllpFrames(limits.Bytes);
        try
        {
            DateTimeOffset? begun = null;
            while (!stopping.IsCancellationRequested)
            {
                var patience = begun is { } since ? since.AddSeconds(options.MessageSeconds) - clock.GetUtcNow() : TimeSpan.FromSeconds(options.IdleSeconds);
                if (await ReadAsync(reader, patience, stopping) is not { } read)
                {
                    if (begun is not null && !stopping.IsCancellationRequested)
                        Slow(log, options.Sender);
                    return;
                }

                var buffer = read.Buffer;
                var before = taken;
                var goesOn = await TakeAsync(frames, buffer, stopping);
                if (goesOn is not { } rest)
                    return;
                reader.AdvanceTo(rest.Start, buffer.End);
                if (taken > before)
                    begun = null; // what is begun now is another message, and has its own time
                begun = frames.IsInFrame ? begun ?? clock.GetUtcNow() : null;
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            if (frames.Torn > 0 || frames.IsInFrame)
                Torn(log, options.Sender, frames.Torn + (frames.IsInFrame ? 1 : 0));
            await reader.CompleteAsync();
        }
    }

    /// <summary>Answers all whole messages in the buffer; what is left of it, or null when the connection is to end.</summary>
    private async Task<ReadOnlySequence<byte>?> TakeAsync(MllpFrames frames, ReadOnlySequence<byte> buffer, CancellationToken stopping)
    {
        while (true)
        {
            switch (frames.Next(ref buffer, out var message))
            {
                case MllpRead.NeedsMore:
                    return buffer;
                case MllpRead.Message:
                    // Not stopped by the server's stop: what has come is answered.
                    var received = await receive(message.ToArray(), CancellationToken.None);
                    await AnswerAsync(received);
                    taken++;
                    if (stopping.IsCancellationRequested)
                        return null;
                    break;
                case MllpRead.TooLarge:
                    var head = message.Slice(0, Math.Min(message.Length, 4096)).ToArray();
                    await AnswerAsync(Reception.TooLarge(head, limits, clock.GetUtcNow()));
                    return null;
                default:
                    Noise(log, options.Sender);
                    return null;
            }
        }
    }

    private async Task AnswerAsync(Received received)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(options.MessageSeconds), clock);
        foreach (var frame in Acknowledgement.Frames(received.Header, received.Code, received.Answer))
            await stream.WriteAsync(MllpFrames.Wrap(frame), patience.Token);
        await stream.FlushAsync(patience.Token);
    }

    /// <summary>Null when nothing came in time, or the server stops.</summary>
    private static async Task<ReadResult?> ReadAsync(PipeReader reader, TimeSpan patience, CancellationToken stopping)
    {
        if (patience <= TimeSpan.Zero)
            return null;
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        wait.CancelAfter(patience);
        try
        {
            return await reader.ReadAsync(wait.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages of {Sender} were torn: they did not come to their end and were not answered")]
    private static partial void Torn(ILogger log, string sender, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Sender} did not come to its end in time; the connection was closed")]
    private static partial void Slow(ILogger log, string sender);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came on the port of {Sender} is no MLLP; the connection was closed")]
    private static partial void Noise(ILogger log, string sender);
}
