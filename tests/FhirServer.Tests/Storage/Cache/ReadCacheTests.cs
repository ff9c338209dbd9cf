using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Cache;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Tests.Storage.Cache;

public sealed class ReadCacheTests
{
    private readonly ReadCache cache = new(1024 * 1024, BodyCodec.Shipped);

    [Fact]
    public void What_was_read_is_found_again_to_the_byte()
    {
        var patient = Resource("p1", 3);
        Assert.Null(cache.Find(patient.Key, true, out var ticket));
        Keep(patient, ticket);

        var found = cache.Find(patient.Key, true, out _)!;
        Assert.Equal(patient with { Json = default }, found with { Json = default });
        Assert.Equal(patient.Json.ToArray(), found.Json.ToArray());
    }

    [Fact]
    public async Task A_reader_that_began_before_a_write_keeps_nothing()
    {
        var old = Resource("p1", 1);
        cache.Find(old.Key, true, out var ticket);
        await cache.AroundAsync(Replacing(old.Key, 1), () => Refused);

        Keep(old, ticket);
        Assert.Null(cache.Find(old.Key, true, out _));
    }

    [Fact]
    public async Task While_a_key_is_written_nothing_is_found_or_kept()
    {
        var old = Resource("p1", 1);
        cache.Find(old.Key, true, out var before);
        Keep(old, before);
        await cache.AroundAsync(Replacing(old.Key, 1), () =>
        {
            Assert.Null(cache.Find(old.Key, true, out var during));
            Keep(old, during);
            Assert.Null(cache.Find(old.Key, true, out _));
            return Refused;
        });

        var fresh = Resource("p1", 2);
        cache.Find(fresh.Key, true, out var after);
        Keep(fresh, after);
        Assert.Equal(2, cache.Find(fresh.Key, true, out _)!.Version);
    }

    [Fact]
    public async Task What_was_written_is_found_after_its_commit_and_not_before()
    {
        var fresh = Resource("p1", 2);
        await cache.AroundAsync(Writing(fresh), () =>
        {
            Assert.Null(cache.Find(fresh.Key, true, out _));
            return Committed;
        });

        var found = cache.Find(fresh.Key, true, out _)!;
        Assert.Equal(fresh with { Json = default }, found with { Json = default });
        Assert.Equal(fresh.Json.ToArray(), found.Json.ToArray());
    }

    [Fact]
    public async Task Where_a_written_resource_stands_is_known_and_of_others_the_places_are_told()
    {
        var fresh = Resource("p1", 2);
        await cache.AroundAsync(Writing(fresh), () => Committed);

        var states = new CurrentState[3];
        Assert.Equal([0, 2], cache.FillIn(states, [new("Patient", "p0"), fresh.Key, new("Group", "p1")], withBodies: true, mayAnswer: true));
        Assert.Equal(new CurrentState(7, 2, false, 1_700_000_000_000, 9, default), states[1] with { Json = default });
        Assert.Equal(fresh.Json.ToArray(), states[1].Json.ToArray());
        Assert.Equal([0, 1, 2], cache.FillIn(states, [fresh.Key, fresh.Key, fresh.Key], withBodies: false, mayAnswer: false));
    }

    [Fact]
    public async Task What_was_refused_is_not_kept()
    {
        await cache.AroundAsync(Writing(Resource("p1", 1)), () => Refused);
        Assert.Null(cache.Find(new("Patient", "p1"), true, out _));
    }

    [Fact]
    public async Task Of_two_writes_of_one_key_at_once_neither_is_kept()
    {
        var (first, second) = (Resource("p1", 1), Resource("p1", 2));
        var (firstCommit, secondCommit) = (new TaskCompletionSource<CommitResult>(), new TaskCompletionSource<CommitResult>());
        var one = cache.AroundAsync(Writing(first), () => firstCommit.Task);
        var other = cache.AroundAsync(Writing(second), () => secondCommit.Task);
        secondCommit.SetResult(new CommitResult.Committed());
        await other;
        firstCommit.SetResult(new CommitResult.Committed());
        await one;
        Assert.Null(cache.Find(first.Key, true, out _));

        await cache.AroundAsync(Writing(Resource("p1", 3)), () => Committed);
        Assert.Equal(3, cache.Find(first.Key, true, out _)!.Version);
    }

    [Fact]
    public async Task What_was_on_its_way_while_another_node_was_let_in_is_not_kept()
    {
        await cache.AroundAsync(Writing(Resource("p1", 1)), () =>
        {
            cache.IsOn = false;
            cache.IsOn = true;
            return Committed;
        });
        Assert.Null(cache.Find(new("Patient", "p1"), true, out _));
    }

    [Fact]
    public async Task A_key_whose_commit_may_still_come_is_kept_no_more()
    {
        var old = Resource("p1", 1);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => cache.AroundAsync(Writing(Resource("p1", 2)), () => throw new StorageUnavailableException("gone")));
        cache.Find(old.Key, true, out var ticket);
        Keep(old, ticket);
        Assert.Null(cache.Find(old.Key, true, out _));
    }

    [Fact]
    public void The_least_recently_used_make_room()
    {
        var small = new ReadCache(16 * 4 * 1024, BodyCodec.Shipped);
        for (var i = 0; i < 2000; i++)
        {
            var resource = Resource($"p{i}", 1);
            small.Find(resource.Key, true, out var ticket);
            small.Keep(resource, 0, BodyCodec.Shipped.Compress(resource.Json.Span), ticket);
        }

        Assert.NotNull(small.Find(new("Patient", "p1999"), true, out _));
        var left = Enumerable.Range(0, 2000).Count(i => small.Find(new("Patient", $"p{i}"), true, out _) is not null);
        Assert.InRange(left, 400, 800); // some 95 bytes each of 64 KiB
    }

    [Fact]
    public void Off_or_uncertain_it_answers_nothing()
    {
        var patient = Resource("p1", 1);
        cache.Find(patient.Key, true, out var ticket);
        Keep(patient, ticket);
        Assert.Null(cache.Find(patient.Key, mayAnswer: false, out _));
        cache.IsOn = false;
        Assert.Null(cache.Find(patient.Key, true, out _));
        cache.IsOn = true;
        Assert.Null(cache.Find(patient.Key, true, out _));
    }

    [Fact]
    public void A_deletion_is_not_kept()
    {
        var gone = Resource("p1", 2) with { IsDeleted = true };
        cache.Find(gone.Key, true, out var ticket);
        Keep(gone, ticket);
        Assert.Null(cache.Find(gone.Key, true, out _));
    }

    private static Task<CommitResult> Committed => Task.FromResult<CommitResult>(new CommitResult.Committed());

    private static Task<CommitResult> Refused => Task.FromResult<CommitResult>(new CommitResult.Stale("another"));

    private void Keep(StoredResource resource, ReadCache.Ticket ticket) => cache.Keep(resource, 0, BodyCodec.Shipped.Compress(resource.Json.Span), ticket);

    private static StoredResource Resource(string id, int version) => new(
        7, new("Patient", id), version, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), false, "PUT",
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient","meta":{"versionId":"{{version}}"},"id":"{{id}}"}"""));

    private static CommitPlan Replacing(ResourceKey key, int version) => Writing(Resource(key.Id, version + 1));

    private static CommitPlan Writing(StoredResource written)
    {
        var plan = new CommitPlan();
        plan.Writes.Add(new ResourceWrite
        {
            Sid = written.Sid,
            Key = written.Key,
            ExpectedVersion = written.Version - 1,
            LastUpdated = written.LastUpdated.ToUnixTimeMilliseconds(),
            IsDeleted = false,
            Method = written.Method,
            Body = BodyCodec.Shipped.Compress(written.Json.Span),
            Owner = 9,
            Add = new IndexRows(),
            Remove = null,
        });
        return plan;
    }
}
