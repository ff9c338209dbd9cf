using System.Text;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Tests.Storage.Bodies;

public class BodyCodecTests
{
    private static readonly byte[] Json = Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"name{i}\":\"value of {i}\"")) + "}");

    [Fact]
    public void A_body_comes_back_as_it_was_and_smaller_in_between()
    {
        using var codec = new BodyCodec(new Dictionary<byte, byte[]>());
        var stored = codec.Compress(Json);
        Assert.Equal(BodyCodec.Plain, stored[0]);
        Assert.True(stored.Length < Json.Length / 2);
        Assert.Equal(Json, codec.Decompress(stored));
    }

    [Fact]
    public void What_does_not_shrink_is_kept_raw()
    {
        using var codec = new BodyCodec(new Dictionary<byte, byte[]>());
        var stored = codec.Compress("{}"u8);
        Assert.Equal([BodyCodec.Raw, (byte)'{', (byte)'}'], stored);
        Assert.Equal("{}"u8.ToArray(), codec.Decompress(stored));
        Assert.Empty(codec.Decompress(codec.Compress([])));
    }

    [Fact]
    public void A_trained_dictionary_shrinks_small_bodies_and_old_ones_stay_readable()
    {
        var samples = Enumerable.Range(0, 2000).Select(i => Sample(i)).ToArray();
        var dictionary = DictionaryTrainer.Train(samples, 8 * 1024);
        using var plain = new BodyCodec(new Dictionary<byte, byte[]>());
        using var trained = new BodyCodec(new Dictionary<byte, byte[]> { [BodyCodec.FirstDictionary] = dictionary });

        var stored = trained.Compress(Sample(9999));
        Assert.Equal(BodyCodec.FirstDictionary, stored[0]);
        Assert.True(stored.Length < plain.Compress(Sample(9999)).Length * 2 / 3);
        Assert.Equal(Sample(9999), trained.Decompress(stored));
        Assert.Equal(Json, trained.Decompress(plain.Compress(Json)));
        Assert.Throws<StorageFailedException>(() => plain.Decompress(stored));
        Assert.Equal(dictionary, DictionaryTrainer.Train(samples, 8 * 1024));
    }

    [Fact]
    public async Task Many_threads_share_one_codec()
    {
        using var codec = new BodyCodec(new Dictionary<byte, byte[]>());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
                Assert.Equal(Sample(i + t), codec.Decompress(codec.Compress(Sample(i + t))));
        }, TestContext.Current.CancellationToken)));
    }

    private static byte[] Sample(int i) => Encoding.UTF8.GetBytes(
        $$"""{"resourceType":"Observation","id":"{{i * 7919}}","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"valueQuantity":{"value":{{i % 97}},"unit":"mm[Hg]","system":"http://unitsofmeasure.org"} }""");
}
