using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Security.Accounts.Pages;

/// <summary>A QR code (ISO/IEC 18004, model 2) as SVG: byte mode, error correction M, versions 1 to 10, which hold every enrolment we make.</summary>
internal static class QrCode
{
    private const int MaxVersion = 10;

    /// <summary>Per version: error-correction bytes of a block, then data bytes of each block (level M).</summary>
    private static readonly (int Correction, int[] Blocks)[] Layouts =
    [
        (10, [16]), (16, [28]), (26, [44]), (18, [32, 32]), (24, [43, 43]), (16, [27, 27, 27, 27]), (18, [31, 31, 31, 31]), (22, [38, 38, 39, 39]), (22, [36, 36, 36, 37, 37]),
        (26, [43, 43, 43, 43, 44]),
    ];

    private static readonly int[][] Alignments = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

    /// <summary>The picture; nothing when the text is longer than the largest version here holds.</summary>
    public static Html Svg(string text)
    {
        if (Modules(text) is not { } modules)
            return Html.Empty;
        var size = modules.GetLength(0);
        var path = new StringBuilder();
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                if (modules[y, x])
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return Html.Of($"<svg class=\"qr\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"QR code with the key of your authenticator\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\"{new Html(path.ToString())}\"/></svg>");
    }

    /// <summary>Rows of modules, true for dark, without the quiet zone around them; null when the text is too long.</summary>
    public static bool[,]? Modules(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var version = 1; version <= MaxVersion; version++)
        {
            var capacity = Layouts[version - 1].Blocks.Sum();
            if (4 + CountBits(version) + (bytes.Length * 8) <= capacity * 8)
                return Draw(version, Interleave(version, DataBytes(version, bytes, capacity)));
        }

        return null;
    }

    private static int CountBits(int version) => version < 10 ? 8 : 16;

    private static byte[] DataBytes(int version, byte[] bytes, int capacity)
    {
        var bits = new List<bool>(capacity * 8);
        Append(bits, 0b0100, 4); // byte mode
        Append(bits, bytes.Length, CountBits(version));
        foreach (var b in bytes)
            Append(bits, b, 8);
        Append(bits, 0, Math.Min(4, (capacity * 8) - bits.Count));
        while (bits.Count % 8 != 0)
            bits.Add(false);
        for (var pad = 0xEC; bits.Count < capacity * 8; pad ^= 0xEC ^ 0x11)
            Append(bits, pad, 8);
        return [.. bits.Chunk(8).Select(eight => (byte)eight.Aggregate(0, (value, bit) => (value << 1) | (bit ? 1 : 0)))];
    }

    private static void Append(List<bool> bits, int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
            bits.Add(((value >> i) & 1) != 0);
    }

    private static byte[] Interleave(int version, byte[] data)
    {
        var (correction, layout) = Layouts[version - 1];
        var (blocks, at) = (new List<byte[]>(), 0);
        foreach (var length in layout)
        {
            blocks.Add(data[at..(at + length)]);
            at += length;
        }

        var corrections = blocks.ConvertAll(block => Remainder(block, correction));
        return
        [
            .. Enumerable.Range(0, layout.Max()).SelectMany(i => blocks.Where(b => i < b.Length).Select(b => b[i])),
            .. Enumerable.Range(0, correction).SelectMany(i => corrections.Select(c => c[i])),
        ];
    }

    /// <summary>Reed-Solomon over GF(256), polynomial 0x11D.</summary>
    private static byte[] Remainder(byte[] data, int degree)
    {
        var divisor = new byte[degree];
        divisor[^1] = 1;
        byte root = 1;
        for (var i = 0; i < degree; i++, root = Multiply(root, 2))
            for (var j = 0; j < degree; j++)
                divisor[j] = (byte)(Multiply(divisor[j], root) ^ (j + 1 < degree ? divisor[j + 1] : 0));

        var rest = new byte[degree];
        foreach (var b in data)
        {
            var factor = (byte)(b ^ rest[0]);
            rest = [.. rest.Skip(1), 0];
            for (var i = 0; i < degree; i++)
                rest[i] ^= Multiply(divisor[i], factor);
        }

        return rest;
    }

    private static byte Multiply(byte a, byte b)
    {
        var product = 0;
        for (var i = 7; i >= 0; i--)
        {
            product = (product << 1) ^ ((product >> 7) * 0x11D);
            product ^= ((b >> i) & 1) * a;
        }

        return (byte)product;
    }

    private static bool[,] Draw(int version, byte[] codewords)
    {
        var size = 17 + (4 * version);
        var (dark, isFixed) = (new bool[size, size], new bool[size, size]);
        DrawPatterns(version, dark, isFixed);
        DrawCodewords(codewords, dark, isFixed);
        return Enumerable.Range(0, 8).Select(mask => Masked(mask, dark, isFixed)).MinBy(Penalty)!;
    }

    private static void DrawPatterns(int version, bool[,] dark, bool[,] isFixed)
    {
        var size = dark.GetLength(0);
        void Set(int x, int y, bool value) => (dark[y, x], isFixed[y, x]) = (value, true);

        for (var i = 0; i < size; i++) // timing
        {
            Set(6, i, i % 2 == 0);
            Set(i, 6, i % 2 == 0);
        }

        foreach (var (cx, cy) in ((int, int)[])[(3, 3), (size - 4, 3), (3, size - 4)]) // finders with their separators
            for (var dy = -4; dy <= 4; dy++)
                for (var dx = -4; dx <= 4; dx++)
                    if (cx + dx >= 0 && cx + dx < size && cy + dy >= 0 && cy + dy < size)
                        Set(cx + dx, cy + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) is not (2 or 4));

        var centres = Alignments[version - 1];
        foreach (var cy in centres)
            foreach (var cx in centres)
                if ((cx, cy) != (6, 6) && (cx, cy) != (6, size - 7) && (cx, cy) != (size - 7, 6))
                    for (var dy = -2; dy <= 2; dy++)
                        for (var dx = -2; dx <= 2; dx++)
                            Set(cx + dx, cy + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) != 1);

        for (var i = 0; i < 15; i++) // room for the format, which depends on the mask
        {
            var (first, second) = FormatPlaces(i, size);
            Set(first.X, first.Y, false);
            Set(second.X, second.Y, false);
        }

        Set(8, size - 8, true);
        if (version < 7)
            return;
        var rest = version;
        for (var i = 0; i < 12; i++)
            rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        var bits = (version << 12) | rest;
        for (var i = 0; i < 18; i++)
        {
            Set(size - 11 + (i % 3), i / 3, ((bits >> i) & 1) != 0);
            Set(i / 3, size - 11 + (i % 3), ((bits >> i) & 1) != 0);
        }
    }

    /// <summary>Where bit <paramref name="i"/> of the format stands, twice.</summary>
    private static ((int X, int Y) First, (int X, int Y) Second) FormatPlaces(int i, int size) =>
    (
        i switch { < 6 => (8, i), 6 => (8, 7), 7 => (8, 8), 8 => (7, 8), _ => (14 - i, 8) },
        i < 8 ? (size - 1 - i, 8) : (8, size - 15 + i)
    );

    private static void DrawCodewords(byte[] codewords, bool[,] dark, bool[,] isFixed)
    {
        var (size, bit) = (dark.GetLength(0), 0);
        for (var right = size - 1; right >= 1; right -= 2)
        {
            if (right == 6)
                right = 5; // the timing column is skipped
            for (var step = 0; step < size; step++)
                for (var x = right; x > right - 2; x--)
                {
                    var y = ((right + 1) & 2) == 0 ? size - 1 - step : step; // up and down by turns
                    if (isFixed[y, x] || bit >= codewords.Length * 8)
                        continue;
                    dark[y, x] = ((codewords[bit >> 3] >> (7 - (bit & 7))) & 1) != 0;
                    bit++;
                }
        }
    }

    private static bool[,] Masked(int mask, bool[,] dark, bool[,] isFixed)
    {
        var (size, result) = (dark.GetLength(0), (bool[,])dark.Clone());
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                if (!isFixed[y, x])
                    result[y, x] ^= IsFlipped(mask, x, y);

        var rest = mask; // level M is 00
        for (var i = 0; i < 10; i++)
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        var bits = ((mask << 10) | rest) ^ 0x5412;
        for (var i = 0; i < 15; i++)
        {
            var (first, second) = FormatPlaces(i, size);
            result[first.Y, first.X] = result[second.Y, second.X] = ((bits >> i) & 1) != 0;
        }

        return result;
    }

    private static bool IsFlipped(int mask, int x, int y) => mask switch
    {
        0 => (x + y) % 2 == 0,
        1 => y % 2 == 0,
        2 => x % 3 == 0,
        3 => (x + y) % 3 == 0,
        4 => ((x / 3) + (y / 2)) % 2 == 0,
        5 => (x * y % 2) + (x * y % 3) == 0,
        6 => ((x * y % 2) + (x * y % 3)) % 2 == 0,
        _ => (((x + y) % 2) + (x * y % 3)) % 2 == 0,
    };

    /// <summary>How hard it is to read, by the standard's four rules; any mask is right, the least is best.</summary>
    private static int Penalty(bool[,] dark)
    {
        var size = dark.GetLength(0);
        var (penalty, count) = (0, 0);
        for (var i = 0; i < size; i++)
        {
            var (row, column) = (Line(j => dark[i, j], size), Line(j => dark[j, i], size));
            penalty += LinePenalty(row) + LinePenalty(column);
            count += row.Count(c => c == '1');
        }

        for (var y = 0; y < size - 1; y++)
            for (var x = 0; x < size - 1; x++)
                if (dark[y, x] == dark[y, x + 1] && dark[y, x] == dark[y + 1, x] && dark[y, x] == dark[y + 1, x + 1])
                    penalty += 3;
        return penalty + (Math.Abs((count * 20) - (size * size * 10)) / (size * size) * 10);
    }

    private static string Line(Func<int, bool> isDark, int size) => string.Create(size, isDark, (span, dark) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = dark(i) ? '1' : '0';
    });

    private static int LinePenalty(string line)
    {
        var (penalty, run) = (0, 1);
        for (var i = 1; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == line[i - 1])
            {
                run++;
                continue;
            }

            if (run >= 5)
                penalty += run - 2;
            run = 1;
        }

        foreach (var finder in (string[])["10111010000", "00001011101"])
            for (var at = line.IndexOf(finder, StringComparison.Ordinal); at >= 0; at = line.IndexOf(finder, at + 1, StringComparison.Ordinal))
                penalty += 40;
        return penalty;
    }
}
