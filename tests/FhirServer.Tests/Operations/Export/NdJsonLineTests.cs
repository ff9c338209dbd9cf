using System.Text;
using CsCheck;
using FhirEmr.FhirServer.Operations.Export;

namespace FhirEmr.FhirServer.Tests.Operations.Export;

/// <summary>Lines out of pieces that end anywhere, and out of the middle of them.</summary>
public sealed class NdJsonLineTests
{
    [Fact]
    public void Wherever_pieces_end_and_wherever_it_is_gone_on_with_the_lines_are_the_same() =>
        Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("bc"), Gen.Const(""), Gen.Const(" "), Gen.Const("{\"x\":1}"), Gen.Const("d\r")).List[0, 12], Gen.Int[1, 7], Gen.Bool, Gen.Int[0, 12]).Sample((lines, size, isEnded, from) =>
        {
            var text = string.Join('\n', lines) + (isEnded ? "\n" : "");
            var pieces = Encoding.UTF8.GetBytes(text).Chunk(size).ToArray();
            var expected = text.Split('\n').Index().Where(l => l.Item.Trim(' ', '\r').Length > 0).Select(l => (l.Index + 1L, l.Item)).ToArray();

            var read = Read(pieces, default);
            Assert.Equal(expected, read.Select(l => (l.Number, Encoding.UTF8.GetString(l.Bytes.Span))));
            if (from < read.Count)
                Assert.Equal(expected[(from + 1)..], Read(pieces[Math.Min(read[from].End.Piece, pieces.Length)..], read[from].End).Select(l => (l.Number, Encoding.UTF8.GetString(l.Bytes.Span))));
        });

    [Fact]
    public void A_line_that_is_too_long_is_told_and_takes_no_room()
    {
        var piece = new byte[1024 * 1024];
        piece.AsSpan().Fill((byte)'x');
        var pieces = Enumerable.Repeat(piece, (NdJsonLine.MostBytes / piece.Length) + 2).Append("y\nz"u8.ToArray());

        var read = Read(pieces, default);

        Assert.Equal([(1L, true), (2L, false)], read.Select(l => (l.Number, l.IsTooLong)));
    }

    private static List<NdJsonLine> Read(IEnumerable<byte[]> pieces, LinePosition from) =>
        NdJsonLine.ReadAsync(pieces.ToAsyncEnumerable(), from, TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).ToList();
}
