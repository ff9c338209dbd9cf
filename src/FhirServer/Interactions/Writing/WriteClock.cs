namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Gives writes their <c>lastUpdated</c>, and readers of the history an instant before which nothing can appear any more.</summary>
/// <remarks>
/// A write gets its instant before it commits, so one with an earlier instant may become visible after one with a later. Whoever follows the
/// history with <c>_since</c> would never see it (reliability R-10). A reader therefore asks for a horizon: writes on their way with an instant
/// up to it are waited for, and those that begin later get a later one. Holds for the writes of this process.
/// </remarks>
internal sealed class WriteClock(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly HashSet<Ticket> running = [];
    private long latest;
    private long horizon;

    /// <summary>Begins a write; it ends when the ticket is disposed of, committed or not.</summary>
    public Ticket Begin()
    {
        lock (gate)
        {
            var ticket = new Ticket(this, Math.Max(Now, horizon + 1));
            latest = Math.Max(latest, ticket.Instant);
            running.Add(ticket);
            return ticket;
        }
    }

    /// <summary>Milliseconds since 1970 up to which, the instant included, everything is visible once this returns.</summary>
    public async Task<long> HorizonAsync(CancellationToken ct)
    {
        long reached;
        Task[] before;
        lock (gate)
        {
            reached = horizon = Math.Max(Math.Max(Now, latest), horizon);
            before = [.. running.Select(t => t.Ended)];
        }

        await Task.WhenAll(before).WaitAsync(ct);
        return reached;
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A write on its way.</summary>
    public sealed class Ticket(WriteClock owner, long instant) : IDisposable
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Milliseconds since 1970 UTC.</summary>
        public long Instant { get; } = instant;

        public Task Ended => ended.Task;

        /// <summary>The instant of a new version of a resource last updated then: later, even when the clock went back.</summary>
        public long After(long lastUpdated)
        {
            if (lastUpdated < Instant)
                return Instant;
            lock (owner.gate)
                owner.latest = Math.Max(owner.latest, lastUpdated + 1);
            return lastUpdated + 1;
        }

        public void Dispose()
        {
            lock (owner.gate)
                owner.running.Remove(this);
            ended.TrySetResult();
        }
    }
}
