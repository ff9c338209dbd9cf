using FhirEmr.FhirServer.Storage.Symbols;

namespace FhirEmr.FhirServer.Tests.Storage.Symbols;

public class KeyedHashTests
{
    /// <summary>The reference vectors of the SipHash paper: key 00..0f, message 00..(n-1).</summary>
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31UL)]
    [InlineData(1, 0x74f839c593dc67fdUL)]
    [InlineData(7, 0xab0200f58b01d137UL)]
    [InlineData(8, 0x93f5f5799a932462UL)]
    [InlineData(15, 0xa129ca6149be45e5UL)]
    public void Agrees_with_the_published_vectors(int length, ulong expected)
    {
        var key = new UInt128(0x0f0e0d0c0b0a0908, 0x0706050403020100);
        var message = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        Assert.Equal(unchecked((long)expected), new KeyedHash(key).Of(message));
    }

    [Fact]
    public void Another_key_gives_another_hash()
    {
        var (one, two) = (KeyedHash.Parse(KeyedHash.NewKey()), KeyedHash.Parse(KeyedHash.NewKey()));
        Assert.NotEqual(one.Of("8867-4"u8), two.Of("8867-4"u8));
    }
}
