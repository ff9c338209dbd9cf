using CsCheck;
using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.Tests.X12.Syntax;

[Trait("Requirement", "S-78")]
public sealed class SegmentWriterTests
{
    [Fact]
    public void Drops_empty_elements_and_components_at_the_end() =>
        Assert.Equal(
            "SV1*HC:99213**UN~",
            X12Read.Text(x12 => x12.Write("SV1", Composite("HC", "99213", null, ""), NotUsed, "UN", "  ", Composite(null, null), NotUsed)));

    [Theory]
    [InlineData("Núñez Ångström", "NUNEZ ANGSTROM")]
    [InlineData("Straße", "STRASSE")]
    [InlineData("Łódź Ørsted Đorđe", "LODZ ORSTED DORDE")]
    [InlineData("O’Neil – Smith", "O'NEIL - SMITH")]
    [InlineData("Nguyễn", "NGUYEN")]
    [InlineData("a~b*c:d^e", "A B C D E")]
    [InlineData("two\nlines", "TWO LINES")]
    public void Folds_text_to_the_basic_set_and_keeps_separators_out_of_data(string text, string expected)
    {
        Assert.Equal($"N3*{expected}~", X12Read.Text(x12 => x12.Write("N3", text), out var findings));
        Assert.Empty(findings.Items);
    }

    [Fact]
    public void Refuses_what_has_no_form_in_the_character_set_and_says_where()
    {
        X12Read.Text(x12 => x12.Write("NM1", "IL", "1", "李"), out var findings);

        var finding = Assert.Single(findings.Items);
        Assert.Equal((X12Severity.Refusal, 3), (finding.Severity, finding.Place!.Element));
        Assert.Contains("U+674E", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_repetitions() =>
        Assert.Equal("DMG*A^B:C~", X12Read.Text(x12 => x12.Write("DMG", Repeat("A", Composite("B", "C")))));

    [Fact]
    public void Amounts_never_gain_or_lose_a_cent() =>
        Gen.Int[-99_999_999, 99_999_999].Select(cents => cents / 100m).Sample(usd =>
            X12Text.TryAmount(X12Text.Amount(usd), out var read) && read == usd && !X12Text.Amount(usd).EndsWith('.'));

    [Fact]
    public void What_is_written_reads_back_as_the_same_elements()
    {
        var text = Gen.String[Gen.Char["ABZ09 *:^~éß.-"], 0, 12];
        text.Array[1, 8].Sample(elements =>
        {
            var written = X12Read.Text(x12 => x12.Write("ZZZ", ["X", .. elements.Select(e => (Element)e)]), out _);
            var (segments, findings, _) = X12Read.SegmentsAsync(X12Read.Stream(Fixtures.Isa837 + written)).GetAwaiter().GetResult();
            var again = X12Read.Text(x12 => x12.Write("ZZZ", [.. Enumerable.Range(1, segments[1].Count).Select(n => (Element)segments[1].Text(n))]));
            return findings.Count == 0 && segments.Count == 2 && again == written;
        });
    }
}
