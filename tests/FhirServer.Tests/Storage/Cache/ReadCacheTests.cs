using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
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
        cache.Keep(patient, ticket);

        var found = cache.Find(patient.Key, true, out _)!;
        Assert.Equal(patient with { Json = default }, found with { Json = default });
        Assert.Equal(patient.Json.ToArray(), found.Json.ToArray());
    }

    [Fact]
    public async Task A_reader_that_began_before_a_write_keeps_nothing()
    {
        var old = Resource("p1", 1);
        cache.Find(old.Key, true, out var ticket);
        await cache.AroundAsync(Replacing(old.Key, 1), () => Task.FromResult(true));

        cache.Keep(old, ticket);
        Assert.Null(cache.Find(old.Key, true, out _));
    }

    [Fact]
    public async Task While_a_key_is_written_nothing_is_found_or_kept()
    {
        var old = Resource("p1", 1);
        cache.Find(old.Key, true, out var before);
        cache.Keep(old, before);
        await cache.AroundAsync(Replacing(old.Key, 1), () =>
        {
            Assert.Null(cache.Find(old.Key, true, out var during));
            cache.Keep(old, during);
            Assert.Null(cache.Find(old.Key, true, out _));
            return Task.FromResult(true);
        });

        var fresh = Resource("p1", 2);
        cache.Find(fresh.Key, true, out var after);
        cache.Keep(fresh, after);
        Assert.Equal(2, cache.Find(fresh.Key, true, out _)!.Version);
    }

    [Fact]
    public void The_least_recently_used_make_room()
    {
        var small = new ReadCache(16 * 8 * 1024, BodyCodec.Shipped);
        for (var i = 0; i < 2000; i++)
        {
            var resource = Resource($"p{i}", 1);
            small.Find(resource.Key, true, out var ticket);
            small.Keep(resource, ticket);
        }

        Assert.NotNull(small.Find(new("Patient", "p1999"), true, out _));
        var left = Enumerable.Range(0, 2000).Count(i => small.Find(new("Patient", $"p{i}"), true, out _) is not null);
        Assert.InRange(left, 100, 600);
    }

    [Fact]
    public void Off_or_uncertain_it_answers_nothing()
    {
        var patient = Resource("p1", 1);
        cache.Find(patient.Key, true, out var ticket);
        cache.Keep(patient, ticket);
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
        cache.Keep(gone, ticket);
        Assert.Null(cache.Find(gone.Key, true, out _));
    }

    private static StoredResource Resource(string id, int version) => new(
        7, new("Patient", id), version, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), false, "PUT",
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient","meta":{"versionId":"{{version}}"},"id":"{{id}}"}"""));

    private static CommitPlan Replacing(ResourceKey key, int version)
    {
        var plan = new CommitPlan();
        plan.Writes.Add(new ResourceWrite
        {
            Sid = 7,
            Key = key,
            ExpectedVersion = version,
            LastUpdated = 0,
            IsDeleted = false,
            Method = "PUT",
            Body = [],
            Owner = 0,
            Add = new IndexRows(),
            Remove = null,
        });
        return plan;
    }
}
