using System.Text;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>Spoils bytes at random, from a seed: bits, lengths, repeats, pieces of other inputs, and words that mean something to the reader.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, params IReadOnlyList<string> words)
{
    private static readonly byte[] Nasty = [0, (byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)',', (byte)':', (byte)'<', (byte)'>', (byte)'&', (byte)'%', (byte)'+', 0x7F, 0x80, 0xC3, 0xED, 0xEF, 0xF0, 0xFF];

    private readonly Random random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var times = random.Next(5) - 1; times > 0; times--)
            Spoil(bytes);
        return [.. bytes];
    }

    public string NextText() => Encoding.UTF8.GetString(Next());

    private void Spoil(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(random.Next(1, 12), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, length);
                break;
            case 2:
                bytes.Insert(at, Nasty[random.Next(Nasty.Length)]);
                break;
            case 3: // the same again, somewhere else
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(1, 60))]);
                break;
            case 6 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 7:
                bytes.InsertRange(at, Enumerable.Repeat(Nasty[random.Next(Nasty.Length)], random.Next(1, 300)));
                break;
            default:
                if (words.Count > 0)
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Count)]));
                break;
        }
    }
}
