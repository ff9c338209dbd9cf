using System.Reflection;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>A server that makes no events itself: a test does.</summary>
public sealed class SilentSubscriptionServer() : SubscriptionServer(null)
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(base.Settings) { ["Subscriptions:Deliver"] = "false" };
}

/// <summary>The feed of events, stopped where it hurts.</summary>
[Trait("Requirement", "R-10")]
public sealed class EventFeedTests(SilentSubscriptionServer server) : OnServer(server), IClassFixture<SilentSubscriptionServer>
{
    private new SilentSubscriptionServer Server => (SilentSubscriptionServer)base.Server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_between_finding_an_event_and_keeping_it_loses_nothing()
    {
        var subscribed = await Server.PostAsync("Subscription", Server.Search("stopped", "Observation?subject:Patient.family=Stopped"));
        var patient = await Server.PatientAsync("Stopped");
        var store = DispatchProxy.Create<IResourceStore, StoppingStore>();
        var stopping = (StoppingStore)(object)store;
        stopping.Store = Server.Services.GetRequiredService<IResourceStore>();
        using (var feed = ActivatorUtilities.CreateInstance<EventFeed>(Server.Services, store))
        {
            // Whether the criteria fit is asked of the store last, since they lead to another resource.
            stopping.OnAsked = () => feed.StopAsync(CancellationToken.None);
            await feed.StartAsync(Ct);
            await ObservationAsync(patient);
            await Server.EventsAsync(subscribed.Id, 1);
            stopping.IsArmed = true;
            await ObservationAsync(patient);
            await stopping.Stopped.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        }

        using var next = ActivatorUtilities.CreateInstance<EventFeed>(Server.Services, stopping.Store);
        await next.StartAsync(Ct);
        await ObservationAsync(patient);
        var told = await Server.EventsAsync(subscribed.Id, 3);
        await next.StopAsync(Ct);
        Assert.Equal([1, 2, 3], told.Events.Select(e => e.Number));
    }

    [Fact]
    [Trait("Requirement", "R-42")]
    public async Task Large_changes_are_read_in_several_sets_that_leave_none_out()
    {
        var store = Server.Services.GetRequiredService<IResourceStore>();
        var before = (await store.FeedHeadAsync(SystemPlans.Subscriptions, Ct)).Sequence;
        for (var i = 0; i < 7; i++)
            await Server.PatientAsync(new string('x', 900));
        var changes = await store.ChangesAsync(before, 100, SystemPlans.Subscriptions, Ct);
        var (seen, sets) = (new List<long>(), 0);
        while (changes.Count > 0)
        {
            var set = await ChangeSet.ReadAsync(store, Server.Services.GetRequiredService<BodyCodec>(), Server.Services.GetRequiredService<StoredRows>(), changes, new HashSet<string> { "Patient" }, (_, e) => throw e, Ct, mostBytes: 2000);
            Assert.NotEmpty(set.Changes);
            seen.AddRange(set.Changes.Select(c => c.Sequence));
            changes = [.. changes.Where(c => c.Sequence > set.End)];
            sets++;
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.True(sets is > 1 and < 7);
    }

    private async Task ObservationAsync(string patient)
    {
        var reply = await Server.PostAsync("Observation", $$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{patient}}"} }""");
        Assert.True(reply.Status == 201, reply.Body);
    }

    /// <summary>Stops somebody after it was asked whether something fits, before the answer is heard.</summary>
    public class StoppingStore : DispatchProxy
    {
        private readonly TaskCompletionSource stopped = new();

        internal IResourceStore Store { get; set; } = null!;

        public bool IsArmed { get; set; }

        public Func<Task> OnAsked { get; set; } = () => Task.CompletedTask;

        public Task Stopped => stopped.Task;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var answer = targetMethod!.Invoke(Store, args);
            return IsArmed && targetMethod.Name == nameof(IResourceStore.CoversAsync) ? StoppedAsync((Task<IReadOnlyList<bool>>)answer!) : answer;
        }

        private async Task<IReadOnlyList<bool>> StoppedAsync(Task<IReadOnlyList<bool>> answer)
        {
            IsArmed = false;
            var found = await answer;
            _ = OnAsked().ContinueWith(_ => stopped.TrySetResult(), TaskScheduler.Default);
            return found;
        }
    }
}
