using CsCheck;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class StringFoldingTests
{
    [Theory]
    [InlineData("Smith", "smith")]
    [InlineData("  de   la\tCruz ", "de la cruz")]
    [InlineData("O'Brien", "obrien")]
    [InlineData("O’Brien", "obrien")]
    [InlineData("Smith-Jones", "smith jones")]
    [InlineData("St. John's", "st johns")]
    [InlineData("Núñez", "nunez")]
    [InlineData("Nu\u0301n\u0303ez", "nunez")]
    [InlineData("Ångström", "angstrom")]
    [InlineData("GROßMANN", "grossmann")]
    [InlineData("Łódź", "lodz")]
    [InlineData("Nguyễn Thị", "nguyen thi")]
    [InlineData("Ærø Þór", "aero thor")]
    [InlineData("ﬁancé", "fiance")]
    [InlineData("Ａｂｃ１２", "abc12")]
    [InlineData("Ⅳ", "iv")]
    [InlineData("ΑΘΉΝΑ", "αθηνα")]
    [InlineData("Йод", "иод")]
    [InlineData("ŞİŞLİ ısı", "sisli isi")]
    [InlineData("カﾞ", "カ")]
    [InlineData("东京", "东京")]
    [InlineData("…—!", "")]
    [InlineData("a…b", "a b")]
    [InlineData("C++", "c++")]
    [InlineData("😀 Smile", "😀 smile")]
    public void Folds(string text, string folded) => Assert.Equal(folded, StringFolding.Fold(text));

    [Fact]
    public void Hangul_syllables_equal_their_letters() =>
        Assert.Equal(StringFolding.Fold("\u1112\u1161\u11AB\u1100\u1173\u11AF"), StringFolding.Fold("\uD55C\uAE00"));

    [Fact]
    public void Vowel_signs_of_Indic_scripts_stay() => Assert.NotEqual(StringFolding.Fold("कि"), StringFolding.Fold("कु"));

    [Fact]
    public void Folding_twice_changes_nothing_more() =>
        Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u00A0', '\u24FF'], Gen.Char['\uF900', '\uFFDC']), 0, 40]
            .Sample(text => StringFolding.Fold(StringFolding.Fold(text)) == StringFolding.Fold(text), iter: 20_000);
}
