using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class DateIndexerTests
{
    private static long Utc(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static int Day(string date) => DateOnly.Parse(date, System.Globalization.CultureInfo.InvariantCulture).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateRow Birth(string date) => IndexedResource.Of($$"""{"resourceType":"Patient","birthDate":"{{date}}"}""").Dates("birthdate").Single();

    private static DateRow[] Effective(string json, TimeZoneInfo? zone = null) =>
        IndexedResource.Of($$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},{{json}}}""", zone).Dates("date");

    [Fact]
    public void A_month_is_all_its_days()
    {
        var row = Birth("2024-02");

        Assert.Equal((Utc("2024-02-01T00:00Z"), Utc("2024-03-01T00:00Z")), (row.Lo, row.Hi));
        Assert.Equal((Day("2024-02-01"), Day("2024-03-01")), (row.DayLo, row.DayHi));
    }

    [Theory]
    [InlineData("1850", "1850-01-01", "1851-01-01")]
    [InlineData("1969-12-31", "1969-12-31", "1970-01-01")]
    [InlineData("0001-01-01", "0001-01-01", "0001-01-02")]
    public void Days_before_1970_count_backwards(string written, string first, string end) =>
        Assert.Equal((Day(first), Day(end)), (Birth(written).DayLo, Birth(written).DayHi));

    [Fact]
    public void The_last_year_ends_after_it_began()
    {
        var row = Birth("9999");

        Assert.True(row.Lo < row.Hi);
        Assert.Equal(Day("9999-12-31") + 1, row.DayHi);
    }

    [Fact]
    public void A_time_keeps_the_local_day_it_was_written_in()
    {
        var row = Effective("""
            "effectiveDateTime":"2024-03-01T23:30:00-05:00"
            """).Single();

        Assert.Equal((Utc("2024-03-02T04:30:00Z"), Utc("2024-03-02T04:30:01Z")), (row.Lo, row.Hi));
        Assert.Equal((Day("2024-03-01"), Day("2024-03-02")), (row.DayLo, row.DayHi));
    }

    [Fact]
    public void A_date_without_a_zone_is_read_in_the_practices_zone()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("practice", TimeSpan.FromHours(-5), "practice", "practice");
        var row = Effective("""
            "effectiveDateTime":"2024-03-01"
            """, zone).Single();

        Assert.Equal((Utc("2024-03-01T05:00:00Z"), Utc("2024-03-02T05:00:00Z")), (row.Lo, row.Hi));
        Assert.Equal((Day("2024-03-01"), Day("2024-03-02")), (row.DayLo, row.DayHi));
    }

    [Fact]
    public void Open_periods_reach_to_the_ends_of_time()
    {
        var begun = Effective("""
            "effectivePeriod":{"start":"2024-01-01T10:00:00Z"}
            """).Single();
        var ended = Effective("""
            "effectivePeriod":{"end":"2024-01"}
            """).Single();

        Assert.Equal((Utc("2024-01-01T10:00:00Z"), DateRange.Never, DateRange.LastDay), (begun.Lo, begun.Hi, begun.DayHi));
        Assert.Equal((DateRange.Beginning, Utc("2024-02-01T00:00:00Z"), DateRange.FirstDay), (ended.Lo, ended.Hi, ended.DayLo));
    }

    [Fact]
    public void Each_event_of_a_timing_is_a_row_of_its_own()
    {
        var rows = Effective("""
            "effectiveTiming":{"event":["2024-01-01","2024-01-08"],"repeat":{"boundsPeriod":{"start":"2024-02-01","end":"2024-03-01"}}}
            """);

        Assert.Equal([Day("2024-01-01"), Day("2024-01-08"), Day("2024-02-01")], rows.Select(r => r.DayLo));
        Assert.Equal([Day("2024-01-02"), Day("2024-01-09"), Day("2024-03-02")], rows.Select(r => r.DayHi));
    }
}
