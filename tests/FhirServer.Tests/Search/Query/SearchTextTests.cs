using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Tests.Search.Query;

public class SearchTextTests
{
    [Theory]
    [InlineData(@"a,b", "a;b")]
    [InlineData(@"a\,b,c", "a,b;c")]
    [InlineData(@"a\\,b", @"a\;b")]
    [InlineData(@"a\|b", "a|b")]
    [InlineData(@"C:\dir", @"C:\dir")]
    [InlineData(@"a\", @"a\")]
    [InlineData(",", ";")]
    public void Splits_at_unescaped_separators_only(string text, string parts) =>
        Assert.Equal(parts, string.Join(';', SearchText.Split(text, ',').Select(SearchText.Unescape)));

    [Theory]
    [InlineData("123,456")]
    [InlineData(@"a\,|$b")]
    public void What_is_escaped_is_one_value_and_means_what_it_was(string text)
    {
        foreach (var separator in ",|$")
            Assert.Equal(text, SearchText.Unescape(Assert.Single(SearchText.Split(SearchText.Escape(text), separator))));
    }
}
