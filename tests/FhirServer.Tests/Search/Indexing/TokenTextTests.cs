using System.Text;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class TokenTextTests
{
    [Fact]
    public void Texts_are_linked_to_the_tokens_they_stand_beside()
    {
        var indexed = IndexedResource.Of("""
            {"resourceType":"Observation","status":"final","code":{"coding":[{"system":"urn:s","code":"a","display":"One"},{"code":"b","display":"Two"}],"text":"Both"}}
            """);

        Assert.Equal(["One: urn:s|a", "Two: |b", "Both: urn:s|a"], indexed.Displays("code"));
        Assert.Equal(2, indexed.Tokens("code").Length);
    }

    [Fact]
    public void A_text_equal_to_the_display_is_not_linked_twice() => Assert.Equal(["Same: |a"], IndexedResource.Of(
        """{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"a","display":"Same"}],"text":"Same"}}""").Displays("code"));

    [Fact]
    public void A_concept_in_words_only_has_one_row_that_no_code_can_meet()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Observation","status":"final","code":{"text":"Sky"}}""");
        var row = indexed.Rows.Tokens.First(r => r.System == TokenRow.InWords && indexed.Symbols.TokenText(r.Hash) == "\u0001Sky");

        Assert.NotEqual(indexed.Symbols.Token("Sky"u8), row.Hash);
        Assert.Equal(["Sky: -1|\u0001Sky"], indexed.Displays("code"));
    }

    [Fact]
    public void A_typed_identifier_has_a_row_for_type_and_value()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","identifier":[{"type":{"coding":[{"system":"urn:t","code":"MR"}],"text":"Record"},"value":"1"},{"value":"2"}]}""");

        Assert.Equal([Encoding.UTF8.GetString("\u0001urn:t\u0001MR\u00011"u8)],
            indexed.Rows.Tokens.Where(r => r.System == TokenRow.OfType).Select(r => indexed.Symbols.TokenText(r.Hash)));
        Assert.Equal(["Record: |1"], indexed.Displays("identifier"));
    }

    [Fact]
    public void Language_tags_lose_their_case() => Assert.Equal(["urn:ietf:bcp:47|en-us"], IndexedResource.Of(
        """{"resourceType":"Patient","communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en-US"}]}}]}""").Tokens("language"));
}
