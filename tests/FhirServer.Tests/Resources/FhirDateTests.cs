using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Resources;

public class FhirDateTests
{
    [Theory]
    [InlineData("2024", "2024-01-01T00:00:00", "2025-01-01T00:00:00")]
    [InlineData("2024-02", "2024-02-01T00:00:00", "2024-03-01T00:00:00")]
    [InlineData("2024-02-29", "2024-02-29T00:00:00", "2024-03-01T00:00:00")]
    [InlineData("2024-02-29T10:20", "2024-02-29T10:20:00", "2024-02-29T10:21:00")]
    [InlineData("2024-02-29T10:20:30Z", "2024-02-29T10:20:30", "2024-02-29T10:20:31")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00", "2017-01-01T00:00:01")]
    public void A_date_covers_from_its_start_to_the_next(string text, string from, string until)
    {
        Assert.True(FhirDate.TryParse(Encoding.UTF8.GetBytes(text), out var date));
        Assert.Equal((DateTime.Parse(from, null), DateTime.Parse(until, null)), (date.Local, date.LocalEnd));
    }

    [Theory]
    [InlineData("2023-02-29")]
    [InlineData("2024-13")]
    [InlineData("24")]
    [InlineData("2024-01-01T25:00:00Z")]
    [InlineData("2024-01-01T10:00:00+15:00")]
    [InlineData("2024-01-01T10:00:00+14:30")]
    [InlineData("2024-01-01 10:00:00Z")]
    [InlineData("0000")]
    [InlineData("2024-1-1")]
    public void What_is_no_date_is_refused(string text) => Assert.False(FhirDate.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("9999")]
    [InlineData("9999-12")]
    [InlineData("9999-12-31")]
    [InlineData("9999-12-31T23:59:60Z")]
    public void The_end_of_time_does_not_overflow(string text)
    {
        Assert.True(FhirDate.TryParse(Encoding.UTF8.GetBytes(text), out var date));
        Assert.True(date.LocalEnd >= date.Local);
    }
}
