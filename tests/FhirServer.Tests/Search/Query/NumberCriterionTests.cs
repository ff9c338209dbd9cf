using System.Globalization;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Tests.Search.Query;

public class NumberCriterionTests
{
    [Theory]
    [InlineData("5.4", "[5.35,5.45)")]
    [InlineData("5.40", "[5.395,5.405)")]
    [InlineData("100", "[99.5,100.5)")]
    [InlineData("1e2", "[95,105)")]
    [InlineData("-1e2", "[-105,-95)")]
    [InlineData("10e1", "[95,105)")]
    [InlineData("5.40e-3", "[0.005395,0.005405)")]
    [InlineData("1.0e2", "[95,105)")]
    [InlineData("5.4e-3", "[0.00535,0.00545)")]
    [InlineData("-5", "[-5.5,-4.5)")]
    [InlineData("0", "[-0.5,0.5)")]
    [InlineData("ne5", "(,4.5) [5.5,)")]
    [InlineData("gt5.4", "(5.4,)")]
    [InlineData("sa5.4", "(5.4,)")]
    [InlineData("lt5.4", "(,5.4)")]
    [InlineData("eb5.4", "(,5.4)")]
    [InlineData("ge5.4", "[5.4,)")]
    [InlineData("le5.4", "(,5.4]")]
    [InlineData("ap100", "[90,110]")]
    [InlineData("ap-100", "[-110,-90]")]
    public void Covers_the_precision_given(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', NumberCriterion.Parse(text)!.Value.Intervals().Select(Shown)));

    [Theory]
    [InlineData("")]
    [InlineData("five")]
    [InlineData("5,4")]
    [InlineData("5.")]
    [InlineData("xx5")]
    [InlineData("1e99")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("5 ")]
    public void Refuses(string text) => Assert.Null(NumberCriterion.Parse(text));

    private static string Shown(NumberInterval i) =>
        $"{(i.LowInclusive ? '[' : '(')}{Trimmed(i.Low)},{Trimmed(i.High)}{(i.HighInclusive ? ']' : ')')}";

    private static string? Trimmed(decimal? bound) => bound?.ToString("0.############################", CultureInfo.InvariantCulture);
}
