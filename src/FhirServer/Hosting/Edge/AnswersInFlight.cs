using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Bytes of answers in memory until their clients have taken them, all clients together (reliability R-42): many large pages and slow readers.</summary>
internal sealed class AnswersInFlight(IOptions<EdgeOptions> options)
{
    private readonly long most = options.Value.AnswerBytesInFlight;
    private long held;

    /// <summary>Null when an answer that only reads finds no room; what was done is always told.</summary>
    public Held? Take(FhirRequest request, FhirReply reply)
    {
        var bytes = reply.Body?.Held ?? reply.Json.Length;
        var isOver = Interlocked.Add(ref held, bytes) > most && bytes < held; // one alone always goes
        if (!isOver || !(request.Method is "GET" or "HEAD" || request.Target.IsSearch))
            return new(this, bytes);
        Interlocked.Add(ref held, -bytes);
        return null;
    }

    public static FhirFault Fault() =>
        FhirFault.Of(FaultKind.Overloaded, "The server holds as many answers as it can just now. Ask again in a moment, or for fewer with _count.");

    /// <summary>Held until the answer is out.</summary>
    internal sealed class Held(AnswersInFlight answers, long bytes) : IDisposable
    {
        public void Dispose() => Interlocked.Add(ref answers.held, -bytes);
    }
}
