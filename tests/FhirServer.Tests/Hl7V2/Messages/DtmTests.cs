using FhirEmr.FhirServer.Hl7V2.Messages;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Messages;

public sealed class DtmTests
{
    private static readonly TimeZoneInfo Chicago = TimeZoneInfo.FindSystemTimeZoneById("America/Chicago");

    [Theory]
    [InlineData("2026", "2026")]
    [InlineData("202603", "2026-03")]
    [InlineData("20260301", "2026-03-01")]
    [InlineData("2026030108", "2026-03-01T08:00:00-06:00")]
    [InlineData("202607010830", "2026-07-01T08:30:00-05:00")]
    [InlineData("20260301083015.1234-0330", "2026-03-01T08:30:15.123-03:30")]
    [InlineData("20260301+0100", "2026-03-01")]
    public void As_much_as_was_sent(string text, string fhir) => Assert.Equal(fhir, Dtm.Parse(text, Chicago)!.Text);

    [Theory]
    [InlineData("")]
    [InlineData("20261301")]
    [InlineData("20260230")]
    [InlineData("2026022")]
    [InlineData("20260228250000")]
    [InlineData("20260228+9999")]
    [InlineData("00010101")]
    [InlineData("99991231")]
    [InlineData("yesterday")]
    [InlineData("20260301083015.")]
    public void What_is_no_date_is_none(string text) => Assert.Null(Dtm.Parse(text, Chicago));
}
