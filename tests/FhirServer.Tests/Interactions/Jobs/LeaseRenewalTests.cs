using System.Reflection;
using System.Threading.Channels;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Interactions.Jobs;

/// <summary>A lease is kept while the work goes on, a database that is away for a moment notwithstanding; when it is lost the work ends.</summary>
public sealed class LeaseRenewalTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(2);

    [Fact]
    public async Task A_renewal_that_failed_is_tried_again()
    {
        var (store, commits) = Store(n => n <= 2 ? throw new StorageUnavailableException("away") : true);
        using var work = new CancellationTokenSource();
        var failures = 0;
        await using (new LeaseRenewal(store, "job", "me", TimeSpan.FromMinutes(5), Soon, TimeProvider.System, work, _ => failures++))
            await commits.WhenAsync(5);

        Assert.Equal((2, false), (failures, work.IsCancellationRequested));
    }

    [Fact]
    public async Task Work_ends_when_the_lease_is_somebody_elses_and_when_nobody_knows_beyond_its_end()
    {
        foreach (var answer in (Func<int, bool>[])[n => n < 2, _ => throw new StorageUnavailableException("away")])
        {
            var (store, _) = Store(answer);
            using var work = new CancellationTokenSource();
            var ended = new TaskCompletionSource();
            await using var told = work.Token.Register(ended.SetResult);
            await using (new LeaseRenewal(store, "job", "me", TimeSpan.FromMilliseconds(20), Soon, TimeProvider.System, work, _ => { }))
                await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static (IResourceStore Store, Commits Commits) Store(Func<int, bool> answer)
    {
        var store = DispatchProxy.Create<IResourceStore, Commits>();
        var commits = (Commits)store;
        commits.Answer = answer;
        return (store, commits);
    }

    /// <summary>A store that only commits, or does not.</summary>
    public class Commits : DispatchProxy
    {
        private readonly Channel<bool> committed = Channel.CreateUnbounded<bool>();
        private int count;

        public Func<int, bool> Answer { get; set; } = _ => true;

        public async Task WhenAsync(int commits)
        {
            for (var i = 0; i < commits; i++)
                await committed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            committed.Writer.TryWrite(true);
            CommitResult result = Answer(++count) ? new CommitResult.Committed() : new CommitResult.Stale("another's");
            return targetMethod!.ReturnType == typeof(Task<CommitResult>) ? Task.FromResult(result) : new ValueTask<CommitResult>(result);
        }
    }
}
