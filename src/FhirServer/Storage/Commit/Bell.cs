namespace FhirEmr.FhirServer.Storage.Commit;

/// <summary>Wakes those who wait for something to happen in this process. Where nobody waits, to ring costs one read.</summary>
internal class Bell
{
    private TaskCompletionSource? next;

    /// <summary>Taken before one looks: it ends with the first ring after that, so that none is missed between looking and waiting.</summary>
    public Task Next
    {
        get
        {
            var known = Volatile.Read(ref next);
            if (known is not null)
                return known.Task;
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref next, made, null) ?? made).Task;
        }
    }

    public void Ring()
    {
        if (Volatile.Read(ref next) is not null)
            Interlocked.Exchange(ref next, null)?.TrySetResult();
    }
}

/// <summary>Rings when resources were written: whoever follows the change feed looks at once instead of after a while.</summary>
internal sealed class CommitBell : Bell;
