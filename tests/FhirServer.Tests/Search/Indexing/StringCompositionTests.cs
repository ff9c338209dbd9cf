using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

/// <summary>Expected values are those of Unicode's normalization form C.</summary>
public class StringCompositionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Jose\u0301", "Jos\u00e9")]
    [InlineData("a\u0302\u0323", "\u1ead")] // marks in the other order than the composed letter is built
    [InlineData("\u00e2\u0323", "\u1ead")] // half composed
    [InlineData("\u1ea1\u0302", "\u1ead")]
    [InlineData("a\u0323\u0323", "\u1ea1\u0323")] // one composes, the other stays
    [InlineData("\u1112\u1161\u11ab", "\ud55c")] // Hangul
    [InlineData("\ud558\u11ab", "\ud55c")]
    [InlineData("\u212b", "\u00c5")] // the sign for angstrom is the letter
    [InlineData("\u0958", "\u0915\u093c")] // never composed
    [InlineData("e\u0301\u0327", "\u0229\u0301")]
    [InlineData("\u0301e", "\u0301e")] // a mark without a letter
    [InlineData("\U0001F600\u0301", "\U0001F600\u0301")]
    public void Spells_each_grapheme_one_way(string text, string expected)
    {
        Assert.Equal(expected, StringComposition.Compose(text));
        Assert.Equal(expected, StringComposition.Compose(expected));
    }

    [Theory]
    [InlineData("Jose", "Jos\u00e9")]
    [InlineData("JOS\u00c9", "Jos\u00e9")]
    public void Accents_and_case_still_count(string a, string b) => Assert.NotEqual(StringComposition.Compose(a), StringComposition.Compose(b));
}
