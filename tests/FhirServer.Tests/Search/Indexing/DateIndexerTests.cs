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

    [Theory]
    [InlineData("2024-03-10", "2024-03-10T05:00Z", "2024-03-11T04:00Z")] // spring: 23 hours
    [InlineData("2024-11-03", "2024-11-03T04:00Z", "2024-11-04T05:00Z")] // autumn: 25 hours
    [InlineData("2024-03", "2024-03-01T05:00Z", "2024-04-01T04:00Z")]
    [InlineData("2024-02-29", "2024-02-29T05:00Z", "2024-03-01T05:00Z")]
    [InlineData("2024", "2024-01-01T05:00Z", "2025-01-01T05:00Z")]
    public void A_day_is_as_long_as_it_is_where_the_clocks_change(string date, string from, string to)
    {
        var row = Effective($"\"effectiveDateTime\":\"{date}\"", NewYork).Single();

        Assert.Equal((Utc(from), Utc(to)), (row.Lo, row.Hi));
    }

    [Fact]
    public void A_timing_across_the_change_of_clocks_keeps_each_events_own_day()
    {
        var rows = IndexedResource.Of("""
            {"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/p"},
             "occurrenceTiming":{"event":["2024-03-09T23:30:00-05:00","2024-03-10T23:30:00-04:00","2024-03-31T23:30:00-04:00"]}}
            """, NewYork).Dates("occurrence");

        Assert.Equal([Day("2024-03-09"), Day("2024-03-10"), Day("2024-03-31")], rows.Select(r => r.DayLo));
        Assert.Equal([Utc("2024-03-10T04:30Z"), Utc("2024-03-11T03:30Z"), Utc("2024-04-01T03:30Z")], rows.Select(r => r.Lo));
    }

    /// <summary>Second Sunday of March, two o'clock, to first Sunday of November; made by hand, so that no zone files are needed.</summary>
    private static TimeZoneInfo NewYork { get; } = TimeZoneInfo.CreateCustomTimeZone("practice", TimeSpan.FromHours(-5), "practice", "practice", "practice", [
        TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 2, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 11, 1, DayOfWeek.Sunday))]);
}
