using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Interactions.Binaries;

namespace FhirEmr.FhirServer.Tests.Interactions.Binaries;

public sealed class Base64ReaderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(48 * 1024)]
    [InlineData((48 * 1024) + 1)]
    [InlineData(1_000_000)]
    public async Task Whatever_the_size_of_the_readers_buffer_the_content_comes_out(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        foreach (var buffer in (int[])[1, 7, 300_000])
        {
            if (size / buffer > 100_000)
                continue;
            await using var reader = new Base64Reader(Encoding.ASCII.GetBytes(Convert.ToBase64String(content)));
            Assert.Equal(content, await ReadAsync(reader, buffer));
        }
    }

    [Fact]
    public async Task Blanks_between_the_characters_are_no_content()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);
        var base64 = string.Join(' ', Convert.ToBase64String(content).Chunk(76).Select(c => new string(c))) + "  ";
        await using var reader = new Base64Reader(Encoding.ASCII.GetBytes(base64));
        Assert.Equal(content, await ReadAsync(reader, 4096));
    }

    [Fact]
    public void Disposed_by_its_wrapper_and_by_its_owner_it_gives_its_buffer_back_once()
    {
        var reader = new Base64Reader(default);
        reader.Dispose();
        reader.Dispose();

        var (one, other) = (ArrayPool<byte>.Shared.Rent(48 * 1024), ArrayPool<byte>.Shared.Rent(48 * 1024));
        Assert.NotSame(one, other);
        ArrayPool<byte>.Shared.Return(one);
        ArrayPool<byte>.Shared.Return(other);
    }

    private static async Task<byte[]> ReadAsync(Stream reader, int buffer)
    {
        using var all = new MemoryStream();
        var piece = new byte[buffer];
        while (await reader.ReadAsync(piece, Ct) is > 0 and var read)
            all.Write(piece, 0, read);
        return all.ToArray();
    }
}
