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
    public async Task Work_ends_at_once_when_the_lease_is_somebody_elses()
    {
        var (store, commits) = Store(n => n < 2);
        await EndsAsync(store, TimeSpan.FromHours(1)); // long before it would be over

        Assert.Equal(2, commits.Count);
    }

    [Fact]
    public Task Work_ends_when_nobody_knows_beyond_the_lease() => EndsAsync(Store(_ => throw new StorageUnavailableException("away")).Store, TimeSpan.FromMilliseconds(20));

    [Fact]
    public Task Work_ends_with_the_lease_when_the_database_never_answers() => EndsAsync(Store(_ => null).Store, TimeSpan.FromMilliseconds(20));

    private static async Task EndsAsync(IResourceStore store, TimeSpan length)
    {
        using var work = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        await using var told = work.Token.Register(ended.SetResult);
        await using (new LeaseRenewal(store, "job", "me", length, Soon, TimeProvider.System, work, _ => { }))
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private static (IResourceStore Store, Commits Commits) Store(Func<int, bool?> answer)
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
        /// <summary>Of the commit of a number; null when it never ends.</summary>
        public Func<int, bool?> Answer { get; set; } = _ => true;

        public int Count { get; private set; }

        public async Task WhenAsync(int commits)
        {
            for (var i = 0; i < commits; i++)
                await committed.Reader.ReadAsync(TestContext.Current.CancellationToken);
        }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            committed.Writer.TryWrite(true);
            if (Answer(++Count) is not { } isOurs)
                return new TaskCompletionSource<CommitResult>().Task;
            CommitResult result = isOurs ? new CommitResult.Committed() : new CommitResult.Stale("another's");
            return targetMethod!.ReturnType == typeof(Task<CommitResult>) ? Task.FromResult(result) : new ValueTask<CommitResult>(result);
        }
    }
}
