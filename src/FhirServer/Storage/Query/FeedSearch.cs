namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Finds where in the change feed an instant lies, by halving: changes are in commit order, which is nearly that of their times.</summary>
internal static class FeedSearch
{
    /// <summary>How much later than its time a version may have been committed.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(10);

    /// <summary>A position before which every change is older than the instant (milliseconds since 1970 UTC).</summary>
    public static async Task<long> FindAsync(IReadSession session, SqlDialect dialect, ChangeOrder order, long instant, CancellationToken ct)
    {
        if (await session.QueryAsync(HistorySql.Ends(dialect, order), r => r.Int64(0), ct) is not [var low, var high])
            return 0;

        var wanted = instant - (long)Lateness.TotalMilliseconds;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var found = await session.QueryAsync(HistorySql.ChangeAt(dialect, order, middle), r => (Position: r.Int64(0), Time: r.Int64(1)), ct);
            if (found is [var change] && change.Time < wanted && change.Position <= high)
                low = change.Position + 1;
            else
                high = middle;
        }

        return low;
    }
}
