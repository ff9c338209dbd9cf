using System.Buffers;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage.Cache;

namespace FhirEmr.FhirServer.Tests.Storage.Cache;

public sealed class EntryRingTests
{
    [Theory]
    [InlineData(1024)]
    [InlineData(1640)]
    [InlineData(16 * 1024)]
    public void What_is_found_is_always_what_was_put_in_last(int capacity)
    {
        var ring = new EntryRing(capacity);
        var random = new Random(capacity);
        var last = new Dictionary<string, (int Version, byte[] Body)>(StringComparer.Ordinal);
        var found = 0;
        for (var step = 1; step <= 50_000; step++)
        {
            var key = Key(random.Next(60));
            switch (random.Next(10))
            {
                case < 4:
                    var body = new byte[random.Next(capacity / 6)];
                    random.NextBytes(body);
                    ring.Put(Hash(key), key, new(step, 0, 2L * step, step, 2), body);
                    last[key.Id] = (step, body);
                    break;
                case 4:
                    ring.Remove(Hash(key));
                    last.Remove(key.Id);
                    break;
                case 5 when step % 1000 == 0:
                    ring.Clear();
                    last.Clear();
                    break;
                default:
                    if (ring.Find(Hash(key), key, out var entry, out var length) is not { } copy)
                        break;
                    found++;
                    var expected = Assert.Contains(key.Id, (IDictionary<string, (int Version, byte[] Body)>)last);
                    Assert.Equal(new EntryHead(expected.Version, 0, 2L * expected.Version, expected.Version, 2), entry);
                    Assert.Equal(expected.Body, copy[..length]);
                    ArrayPool<byte>.Shared.Return(copy);
                    break;
            }
        }

        Assert.True(found > 500, $"{found} were found");
    }

    [Fact]
    public void What_is_found_again_and_again_stays_while_others_pass()
    {
        var ring = new EntryRing(4096);
        var wanted = Key(0);
        ring.Put(Hash(wanted), wanted, new(1, 1, 1, 1, 1), new byte[100]);
        for (var i = 1; i < 1000; i++)
        {
            ring.Put(Hash(Key(i)), Key(i), new(i, i, i, 1, 1), new byte[100]);
            Assert.NotNull(ring.Find(Hash(wanted), wanted, out _, out _));
        }

        Assert.Null(ring.Find(Hash(Key(1)), Key(1), out _, out _));
    }

    [Fact]
    public void Another_key_of_the_same_hash_is_not_taken_for_it()
    {
        var ring = new EntryRing(4096);
        ring.Put(7, Key(1), new(1, 1, 1, 1, 1), [1]);
        Assert.Null(ring.Find(7, Key(2), out _, out _));
        Assert.Null(ring.Find(7, new("Group", Key(1).Id), out _, out _));
        ring.Put(7, Key(2), new(2, 2, 2, 1, 1), [2]);
        Assert.Null(ring.Find(7, Key(1), out _, out _));
        Assert.NotNull(ring.Find(7, Key(2), out _, out _));
    }

    [Fact]
    public void What_would_fill_a_quarter_is_not_kept()
    {
        var ring = new EntryRing(4096);
        ring.Put(1, Key(1), new(1, 1, 1, 1, 1), new byte[1024]);
        Assert.Null(ring.Find(1, Key(1), out _, out _));
    }

    private static ResourceKey Key(int i) => new("Patient", $"p{i}");

    private static int Hash(ResourceKey key) => key.Id.GetHashCode(StringComparison.Ordinal);
}
