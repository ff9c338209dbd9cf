using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Keeps the lease of a job while somebody works under it, until it is disposed of; when the lease is lost, the work is cancelled.</summary>
/// <remarks>A database that is away for a moment does not end the work: it is asked again until the lease is over, since then another worker may begin. One that never answers is waited for no longer.</remarks>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Task renewing;

    /// <param name="length">How long a lease is.</param>
    /// <param name="every">After how long it is asked for again; several times within a lease.</param>
    /// <param name="work">What is cancelled when the lease is lost.</param>
    /// <param name="failed">Told of each time that the database did not answer.</param>
    public LeaseRenewal(IResourceStore store, string id, string owner, TimeSpan length, TimeSpan every, TimeProvider clock, CancellationTokenSource work, Action<Exception> failed) =>
        renewing = RunAsync(store, id, owner, length, every, clock, work, failed, ending.Token);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await renewing;
        ending.Dispose();
    }

    private static async Task RunAsync(
        IResourceStore store, string id, string owner, TimeSpan length, TimeSpan every, TimeProvider clock, CancellationTokenSource work, Action<Exception> failed, CancellationToken done)
    {
        var renewed = clock.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(every, clock, done);
                var asked = clock.GetTimestamp();
                var isOurs = await RenewAsync();
                if (isOurs == true)
                    renewed = asked;
                if (isOurs != false && clock.GetElapsedTime(renewed) < length)
                    continue;
                await work.CancelAsync(); // given up elsewhere, or another worker has it, or may have it
                return;
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            // the work is done
        }

        // Null when nobody knows.
        async Task<bool?> RenewAsync()
        {
            try
            {
                var plan = new CommitPlan();
                plan.Statements.Add(JobSql.Renew(id, owner, (clock.GetUtcNow() + length).ToUnixTimeMilliseconds()));
                var left = length - clock.GetElapsedTime(renewed);
                return await store.CommitAsync(plan, CancellationToken.None).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, CancellationToken.None) is CommitResult.Committed;
            }
            catch (Exception e)
            {
                failed(e);
                return null;
            }
        }
    }
}
