using FhirEmr.FhirServer.Search.Words;

namespace FhirEmr.FhirServer.Tests.Search.Words;

public sealed class WordQueryParserTests
{
    private static readonly string[][] Texts = [ResourceWords.Split("Acute Bronchitis, severe"), ResourceWords.Split("Müller's cough")];

    [Theory]
    [InlineData("bronchitis", true)]
    [InlineData("BRONCHITIS muller", false)]
    [InlineData("BRONCHITIS mullers", true)]
    [InlineData("\"acute bronchitis\"", true)]
    [InlineData("\"bronchitis acute\"", false)]
    [InlineData("\"severe mullers\"", false)]
    [InlineData("bronch", false)]
    [InlineData("bronch*", true)]
    [InlineData("asthma OR cough", true)]
    [InlineData("asthma OR cough AND severe", true)]
    [InlineData("(asthma OR cough) AND mild", false)]
    [InlineData("cough NOT asthma", true)]
    [InlineData("NOT cough", false)]
    [InlineData("NOT (asthma OR mild)", true)]
    [InlineData("acute-bronch*", true)]
    public void Reads_words_phrases_beginnings_and_operators(string query, bool matches) => Assert.Equal(matches, WordQueryParser.Parse(query)!.Matches(Texts));

    [Theory]
    [InlineData("")]
    [InlineData("AND")]
    [InlineData("a AND")]
    [InlineData("OR a")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("NOT")]
    [InlineData("\"open")]
    [InlineData("...")]
    [InlineData("*")]
    public void What_does_not_read_is_no_query(string query) => Assert.Null(WordQueryParser.Parse(query));

    [Fact]
    public void Neither_depth_nor_length_of_a_query_is_unlimited()
    {
        Assert.Null(WordQueryParser.Parse(new string('(', 5000) + "a" + new string(')', 5000)));
        Assert.Null(WordQueryParser.Parse(string.Concat(Enumerable.Repeat("NOT ", 5000)) + "a"));
        Assert.Null(WordQueryParser.Parse(string.Join(' ', Enumerable.Repeat("a", 51))));
        Assert.NotNull(WordQueryParser.Parse(string.Join(' ', Enumerable.Repeat("a", 50))));
    }

    [Theory]
    [InlineData("<div><p>one</p><p>two</p></div>", "one two")]
    [InlineData("<div>hyper<b>ten</b>sion<br/>next</div>", "hypertension next")]
    [InlineData("<div title=\"hidden\">a &amp; b &#233;t&eacute;<!-- not > this --></div>", "a b ete")]
    [InlineData("<div>cut <b", "cut")]
    public void A_narrative_is_its_text_without_markup(string xhtml, string words) => Assert.Equal(words, string.Join(' ', ResourceWords.Split(ResourceWords.Plain(xhtml))));
}
