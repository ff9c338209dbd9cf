namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>So many requests of one kind at a time; a bounded number waits a bounded time for its turn (reliability R-40).</summary>
internal sealed class Lane(string name, int width, int queue, TimeSpan longestWait) : IDisposable
{
    private readonly SemaphoreSlim turns = new(width, width);
    private int waiting;

    public string Name { get; } = name;

    public int Waiting => Volatile.Read(ref waiting);

    public int Running => width - turns.CurrentCount;

    /// <summary>False when the queue is full, or the wait was too long. Who got true must <see cref="Leave"/>.</summary>
    public ValueTask<bool> EnterAsync(CancellationToken ct) =>
        turns.Wait(0, CancellationToken.None) ? new(true) : new(WaitAsync(ct));

    public void Leave() => turns.Release();

    public void Dispose() => turns.Dispose();

    private async Task<bool> WaitAsync(CancellationToken ct)
    {
        if (Interlocked.Increment(ref waiting) > queue)
        {
            Interlocked.Decrement(ref waiting);
            return false;
        }

        try
        {
            return await turns.WaitAsync(longestWait, ct);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }
}
