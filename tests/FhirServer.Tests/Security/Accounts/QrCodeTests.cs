using System.Text;
using FhirEmr.FhirServer.Security.Accounts.Pages;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

[Trait("Requirement", "S-21")]
public sealed class QrCodeTests
{
    /// <summary>Version 1 with level M and mask 2, as the standard's own worked example has its format: 101111001111100 after the mask.</summary>
    [Fact]
    public void The_format_is_written_twice_and_names_level_M()
    {
        var modules = QrCode.Modules("01234567")!;
        var size = modules.GetLength(0);
        string first = "", second = "";
        foreach (var (x, y) in ((int, int)[])[(0, 8), (1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (7, 8), (8, 8), (8, 7), (8, 5), (8, 4), (8, 3), (8, 2), (8, 1), (8, 0)])
            first += modules[y, x] ? '1' : '0';
        for (var i = 0; i < 7; i++)
            second += modules[size - 1 - i, 8] ? '1' : '0';
        for (var i = 0; i < 8; i++)
            second += modules[8, size - 8 + i] ? '1' : '0';

        Assert.Equal(21, size);
        Assert.Equal(first, second);
        Assert.Contains(first, (string[])
        [
            "101010000010010", "101000100100101", "101111001111100", "101101101001011", "100010111111001", "100000011001110", "100111110010111", "100101010100000",
        ]); // ISO/IEC 18004, table C.1, level M, masks 0 to 7
    }

    [Theory]
    [InlineData(1)]
    [InlineData(14)]
    [InlineData(60)]
    [InlineData(110)]
    [InlineData(150)]
    [InlineData(213)]
    public void What_is_drawn_reads_back_and_each_block_keeps_its_correction(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i * 7 % 26))));

        Assert.Equal(text, QrReader.Read(QrCode.Modules(text)!));
    }

    [Fact]
    public void What_is_longer_than_the_largest_version_is_not_drawn()
    {
        Assert.Null(QrCode.Modules(new string('x', 214)));
        Assert.Equal("", QrCode.Svg(new string('x', 214)).Markup);
    }

    /// <summary>Reads by the standard's rules, written apart from the code that draws.</summary>
    private static class QrReader
    {
        private static readonly Dictionary<int, (int Blocks, int Total, int Data)> Layouts = new() // level M: blocks, codewords, data codewords
        {
            [1] = (1, 26, 16),
            [2] = (1, 44, 28),
            [3] = (1, 70, 44),
            [4] = (2, 100, 64),
            [5] = (2, 134, 86),
            [6] = (4, 172, 108),
            [7] = (4, 196, 124),
            [8] = (4, 242, 154),
            [9] = (5, 292, 182),
            [10] = (5, 346, 216),
        };

        public static string Read(bool[,] modules)
        {
            var size = modules.GetLength(0);
            var version = (size - 17) / 4;
            var mask = Mask(modules);
            var bits = new List<int>();
            var upwards = true;
            for (var right = size - 1; right > 0; right -= 2, upwards = !upwards)
            {
                if (right == 6)
                    right--;
                for (var i = 0; i < size; i++)
                    foreach (var x in (int[])[right, right - 1])
                    {
                        var y = upwards ? size - 1 - i : i;
                        if (!IsFunction(x, y, size, version))
                            bits.Add((modules[y, x] ? 1 : 0) ^ (Flips(mask, x, y) ? 1 : 0));
                    }
            }

            var (blocks, total, data) = Layouts[version];
            var codewords = bits.Chunk(8).Take(total).Select(b => b.Aggregate(0, (v, bit) => (v << 1) | bit)).ToArray();
            var parts = Enumerable.Range(0, blocks).Select(_ => new List<int>()).ToArray();
            var lengths = Enumerable.Range(0, blocks).Select(b => (data / blocks) + (b >= blocks - (data % blocks) ? 1 : 0)).ToArray();
            var at = 0;
            for (var i = 0; i < lengths.Max(); i++)
                for (var b = 0; b < blocks; b++)
                    if (i < lengths[b])
                        parts[b].Add(codewords[at++]);
            var content = parts.SelectMany(p => p).ToArray();
            for (; at < total;)
                for (var b = 0; b < blocks; b++)
                    parts[b].Add(codewords[at++]);
            foreach (var part in parts)
                for (var power = 0; power < (total - data) / blocks; power++)
                    Assert.Equal(0, part.Aggregate(0, (value, codeword) => Times(value, Power(power)) ^ codeword)); // a syndrome that is not zero is an error

            var stream = string.Concat(content.Select(c => Convert.ToString(c, 2).PadLeft(8, '0')));
            Assert.StartsWith("0100", stream, StringComparison.Ordinal);
            var count = version < 10 ? 8 : 16;
            var length = Convert.ToInt32(stream.Substring(4, count), 2);
            return Encoding.UTF8.GetString([.. Enumerable.Range(0, length).Select(i => Convert.ToByte(stream.Substring(4 + count + (i * 8), 8), 2))]);
        }

        private static int Mask(bool[,] modules)
        {
            var format = 0;
            foreach (var x in (int[])[2, 3, 4])
                format = (format << 1) | (modules[8, x] ? 1 : 0);
            return format ^ 0b101;
        }

        private static bool IsFunction(int x, int y, int size, int version)
        {
            if (x == 6 || y == 6 || (x < 9 && y < 9) || (x < 9 && y >= size - 8) || (x >= size - 8 && y < 9))
                return true;
            if (version >= 7 && ((x < 6 && y >= size - 11) || (y < 6 && x >= size - 11)))
                return true;
            int[] centres = version == 1 ? [] : version < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7];
            return centres.Any(cx => centres.Any(cy => Math.Abs(cx - x) <= 2 && Math.Abs(cy - y) <= 2
                && !(cx == 6 && cy == 6) && !(cx == 6 && cy == size - 7) && !(cx == size - 7 && cy == 6)));
        }

        private static bool Flips(int mask, int j, int i) => mask switch
        {
            0 => (i + j) % 2 == 0,
            1 => i % 2 == 0,
            2 => j % 3 == 0,
            3 => (i + j) % 3 == 0,
            4 => ((i / 2) + (j / 3)) % 2 == 0,
            5 => (i * j % 2) + (i * j % 3) == 0,
            6 => ((i * j % 2) + (i * j % 3)) % 2 == 0,
            _ => (((i + j) % 2) + (i * j % 3)) % 2 == 0,
        };

        private static int Power(int exponent) => exponent == 0 ? 1 : Times(Power(exponent - 1), 2);

        private static int Times(int a, int b)
        {
            var product = 0;
            for (; b > 0; b >>= 1, a = (a << 1) ^ ((a & 0x80) != 0 ? 0x11D : 0))
                if ((b & 1) != 0)
                    product ^= a;
            return product;
        }
    }
}
