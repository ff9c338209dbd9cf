using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>Has the planner's statistics refreshed while a store grows fast.</summary>
/// <remarks>
/// Autovacuum looks once a minute: until then PostgreSQL takes a freshly filled table for an empty one and joins it row by row, and a search
/// right after an import would run for minutes.
/// </remarks>
internal sealed class PostgresStatistics(NpgsqlDataSource source, ILogger log) : IAsyncDisposable
{
    private const long FirstAfter = 1_000;

    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private Task running = Task.CompletedTask;
    private long known;
    private long written;

    /// <param name="resources">Rows the statistics know of.</param>
    public void Begin(long resources) => known = resources;

    /// <summary>Counts writes; when the store grew by a quarter, refreshes in the background.</summary>
    public void Written(int count)
    {
        if (Interlocked.Add(ref written, count) < Math.Max(FirstAfter, Volatile.Read(ref known) / 4))
            return;

        lock (gate)
        {
            if (!running.IsCompleted || stop.IsCancellationRequested)
                return;
            known += Interlocked.Exchange(ref written, 0);
            running = RefreshAsync(stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
            return;

        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RefreshAsync(CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            foreach (var table in Schema.StoreModel.IndexTables.Prepend("Resource"))
            {
                await using var command = source.CreateCommand($"ANALYZE {table}");
                await command.ExecuteNonQueryAsync(ct);
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            log.LogWarning("Statistics were not refreshed: {Reason}", e.Message);
        }
    }
}
