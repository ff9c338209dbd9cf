using CsCheck;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Syntax;

public sealed class EscapedTextTests
{
    [Theory]
    [InlineData(@"a\F\b\S\c\T\d\R\e\E\f", @"a|b^c&d~e\f")]
    [InlineData(@"line 1\.br\line 2\.sp2\line 4", "line 1\nline 2\n\nline 4")]
    [InlineData(@"\H\bold\N\ plain", "bold plain")]
    [InlineData(@"\X48692e\", "Hi.")]
    [InlineData(@"\XC3BC\", "ü")]
    [InlineData(@"\XFF\", @"\XFF\")]
    [InlineData(@"\X123\", @"\X123\")]
    [InlineData(@"\Zlocal\", @"\Zlocal\")]
    [InlineData(@"C:\temp", @"C:\temp")]
    [InlineData(@"50\ of\F\60", @"50\ of|60")]
    [InlineData(@"\", @"\")]
    [InlineData(@"\.sp999\", @"\.sp999\")]
    public void Sequences_become_text_and_what_is_none_stays(string raw, string text) =>
        Assert.Equal(text, EscapedText.Read(raw, Separators.Recommended, Charsets.Utf8));

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.String[Gen.Char["ab |^~\\&\n\u0001ü.XF"], 0, 40].Sample(text =>
        {
            var raw = EscapedText.Write(text, Separators.Recommended);
            Assert.Equal(text, EscapedText.Read(raw, Separators.Recommended, Charsets.Utf8));
            Assert.DoesNotContain(raw, c => c is '|' or '^' or '~' or '&' or '\n' or '\u0001');
        }, iter: 1000);
}
