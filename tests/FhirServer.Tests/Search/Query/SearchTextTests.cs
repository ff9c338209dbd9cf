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
}
