namespace FhirEmr.FhirServer.Hl7V2.Sending;

/// <summary>Says that there is something to send, so that nobody waits for the next look.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim waiting = new(0, 1);

    public void Set()
    {
        try
        {
            waiting.Release();
        }
        catch (SemaphoreFullException)
        {
            // Said already.
        }
    }

    /// <summary>Returns when it was said, or the time is over.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken ct) => waiting.WaitAsync(most, ct);

    public void Dispose() => waiting.Dispose();
}
