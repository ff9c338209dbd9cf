using FhirEmr.FhirServer.CdsHooks;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

public sealed class CdsCardWriterTests
{
    [Theory]
    [InlineData(139)]
    [InlineData(140)]
    [InlineData(500)]
    public void A_summary_is_under_140_characters(int length)
    {
        var summary = CdsCardWriter.Response([new CdsCard("t", CdsIndicator.Info, new string('x', length))])["cards"]![0]!["summary"]!.GetValue<string>();

        Assert.Equal(139, summary.Length);
        Assert.Equal(length > 139, summary.EndsWith('…'));
    }

    [Fact]
    public void It_is_cut_between_what_people_see_as_characters()
    {
        var short139 = CdsCardWriter.Short(new string('x', 137) + "👩‍⚕️👩‍⚕️");

        Assert.Equal(new string('x', 137) + "…", short139);
    }

    [Fact]
    public void Words_of_a_record_are_no_markup() => Assert.Equal("\\<b\\> \\[x\\](y) \\*z\\*  end", CdsCardWriter.Escape("<b> [x](y) *z*\n end"));

    [Fact]
    public void Suggestions_are_alternatives_and_have_names_of_their_own()
    {
        var card = CdsCardWriter.Response([new CdsCard("t", CdsIndicator.Warning, "s") { Suggestions = [new("a", []), new("b", [])], Facts = ["Patient/1"] }])["cards"]![0]!;

        Assert.Equal("at-most-one", card["selectionBehavior"]!.GetValue<string>());
        Assert.Distinct(card["suggestions"]!.AsArray().Select(s => s!["uuid"]!.GetValue<string>()));
        Assert.Equal("Stands on: `Patient/1`", card["detail"]!.GetValue<string>());
    }
}
