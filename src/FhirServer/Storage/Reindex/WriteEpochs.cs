namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Knows which writes of this process began before the definitions changed and have not ended.</summary>
internal sealed class WriteEpochs
{
    private readonly Lock gate = new();
    private readonly List<Epoch> closed = [];
    private volatile Epoch current = new();

    /// <summary>Dispose when the write has committed or given up.</summary>
    public IDisposable Enter()
    {
        while (true)
        {
            var epoch = current;
            epoch.Enter();
            if (ReferenceEquals(epoch, current))
                return new Ticket(epoch);
            epoch.Leave(); // it closed in between: what it would extract by is not certain
        }
    }

    /// <summary>Later writes know the new definitions.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed.RemoveAll(e => e.IsEmpty);
            closed.Add(current);
            current = new();
        }
    }

    /// <summary>Returns when no write of an earlier epoch is under way.</summary>
    public async Task DrainAsync(CancellationToken ct)
    {
        while (true)
        {
            lock (gate)
            {
                closed.RemoveAll(e => e.IsEmpty);
                if (closed.Count == 0)
                    return;
            }

            await Task.Delay(10, ct);
        }
    }

    private sealed class Ticket(Epoch epoch) : IDisposable
    {
        private int isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                epoch.Leave();
        }
    }

    private sealed class Epoch
    {
        private int writes;

        public bool IsEmpty => Volatile.Read(ref writes) == 0;

        public void Enter() => Interlocked.Increment(ref writes);

        public void Leave() => Interlocked.Decrement(ref writes);
    }
}
