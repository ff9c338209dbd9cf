using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Hosting.Edge;

namespace FhirEmr.FhirServer.Tests.Hosting.Edge;

/// <summary>Base64 of pieces is the base64 of the whole.</summary>
public sealed class Base64WriterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Pieces_of_any_length_give_the_text_of_the_whole(int piece)
    {
        for (var size = 0; size < 30; size++)
        {
            var bytes = RandomNumberGenerator.GetBytes(size * (piece > 100 ? 331 : 1));
            using var output = new MemoryStream();
            using (var writer = new Base64Writer(output))
            {
                for (var at = 0; at < bytes.Length; at += piece)
                    await writer.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)), CancellationToken.None);
                await writer.FinishAsync(CancellationToken.None);
            }

            Assert.Equal(Convert.ToBase64String(bytes), Encoding.ASCII.GetString(output.ToArray()));
        }
    }
}
