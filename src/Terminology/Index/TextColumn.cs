using System.Text;

namespace FhirEmr.Terminology.Index;

/// <summary>One string per row, kept as UTF-8 in a single block: a release of 95,000 titles is two arrays, not 95,000 objects.</summary>
internal sealed class TextColumn(byte[] bytes, int[] ends)
{
    public byte[] Bytes => bytes;

    /// <summary>Where each row's text ends; the next row begins there.</summary>
    public int[] Ends => ends;

    public int Count => ends.Length;

    public ReadOnlySpan<byte> this[int row]
    {
        get
        {
            var start = row == 0 ? 0 : ends[row - 1];
            return bytes.AsSpan(start, ends[row] - start);
        }
    }

    public string Text(int row) => Encoding.UTF8.GetString(this[row]);

    public static TextColumn From(IReadOnlyList<string> texts)
    {
        var ends = new int[texts.Count];
        using var block = new MemoryStream();
        for (var row = 0; row < ends.Length; row++)
        {
            block.Write(Encoding.UTF8.GetBytes(texts[row]));
            ends[row] = checked((int)block.Length);
        }

        return new(block.ToArray(), ends);
    }
}
