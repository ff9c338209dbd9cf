using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Holds a lock that every write of the server (on PostgreSQL every read, too) must wait for.</summary>
internal sealed class StoreBlock : IAsyncDisposable
{
    private readonly NpgsqlConnection? connection;
    private readonly ManualResetEventSlim ended = new();
    private Task held = Task.CompletedTask;

    private StoreBlock(NpgsqlConnection? connection) => this.connection = connection;

    public static async Task<StoreBlock> BeginAsync(ServerFixture server)
    {
        var storage = server.Services.GetRequiredService<IOptions<StorageOptions>>().Value;
        if (storage.Provider == StorageOptions.Sqlite)
        {
            var block = new StoreBlock(null);
            await block.HoldWriterAsync(server.Services.GetRequiredService<IResourceStore>());
            return block;
        }

        var connection = new NpgsqlConnection(storage.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var take = new NpgsqlCommand("BEGIN; LOCK TABLE Resource IN ACCESS EXCLUSIVE MODE", connection);
        await take.ExecuteNonQueryAsync();
        return new(connection);
    }

    /// <summary>Statements of the server that wait for the lock; PostgreSQL only.</summary>
    public async Task<long> WaitingAsync()
    {
        await using var ask = new NpgsqlCommand("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fhir-emr' AND wait_event_type = 'Lock'", connection);
        return (long)(await ask.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        ended.Set();
        await held;
        ended.Dispose();
        if (connection is not null)
            await connection.DisposeAsync();
    }

    /// <summary>A plan that is a long time on its way: SQLite has one writer, and this is before all others.</summary>
    private async Task HoldWriterAsync(IResourceStore store)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var plan = new CommitPlan();
        plan.Statements.Add(new PlanStatement(_ =>
        {
            begun.TrySetResult();
            ended.Wait();
            return new("UPDATE Setting SET Value = Value WHERE Name = ''", []);
        }, null));
        held = store.CommitAsync(plan, CancellationToken.None);
        await begun.Task;
    }
}
