using CsCheck;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class StringPiecesTests
{
    [Fact]
    public void Every_part_of_a_long_text_stands_whole_in_its_row_or_in_a_piece() =>
        Gen.Select(Gen.String[Gen.OneOf(Gen.Char['a', 'z'].Array[1].Select(c => c[0])), 201, 900], Gen.Int[1, StringPieces.MaxSought], Gen.Int[0, 10_000], Gen.Int[0, 30])
            .Sample((text, length, at, smiles) =>
            {
                // Characters of two units at odd places: a cut must not part them.
                for (var i = 0; i < smiles; i++)
                    text = text.Insert(text.Length * i / 31 / 2 * 2, "\U0001F600");
                var start = at % (text.Length - length);
                if (char.IsLowSurrogate(text[start]) || char.IsHighSurrogate(text[start + length - 1]))
                    return true;
                var part = text.Substring(start, length);
                return StringIndexer.Cut(text).Contains(part, StringComparison.Ordinal) || StringPieces.Of(text).Any(p => p.Contains(part, StringComparison.Ordinal));
            }, iter: 3_000);

    [Fact]
    public void A_text_that_fits_has_no_pieces() => Assert.Empty(StringPieces.Of(new string('x', StringRow.MaxLength)));

    [Fact]
    public void Pieces_fit_their_rows() => Assert.All(StringPieces.Of(new string('x', 5000)), p => Assert.InRange(p.Length, 1, StringRow.MaxLength));

    [Fact]
    public void Pieces_are_kept_apart_from_beginnings()
    {
        var indexed = IndexedResource.Of($$"""{"resourceType":"ValueSet","status":"draft","description":"{{new string('a', 250)}}b"}""");

        Assert.Single(indexed.Strings("description"));
        Assert.Equal([new string('a', 130) + "b"], indexed.Rows.Strings.Where(r => r.Param == indexed.Pieces("description").Number).Select(r => r.Folded));
    }
}
