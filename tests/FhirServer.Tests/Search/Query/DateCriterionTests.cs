using System.Globalization;
using CsCheck;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.Search.Query;

/// <summary>The date law: what index row and query decide together is what interval arithmetic on the written dates decides.</summary>
public class DateCriterionTests
{
    private static readonly SearchParam Param = new(1, "Observation", "date", SearchParamType.Date, "Observation.effective", [], "");
    private static readonly DateTimeOffset Now = new(2024, 6, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("practice", TimeSpan.FromHours(-5), "practice", "practice");
    private static readonly string[] Prefixes = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    // Few distinct moments, close to month ends, so that equal and touching intervals are common.
    private static readonly Gen<string> Dates = Gen.Select(Gen.Int[2023, 2024], Gen.OneOf(Consts(1, 2, 12)), Gen.OneOf(Consts(1, 2, 28)), Gen.Int[0, 23],
        Gen.OneOf(Consts("", ":30", ":30.250")), Gen.OneOf(Consts("Z", "-05:00", "+14:00", "")), Gen.Int[0, 3]).Select((y, m, d, h, s, offset, form) => form switch
        {
            0 => $"{y}",
            1 => $"{y}-{m:00}",
            2 => $"{y}-{m:00}-{d:00}",
            _ => $"{y}-{m:00}-{d:00}T{h:00}:15{s}{offset}",
        });

    private static Gen<T>[] Consts<T>(params T[] values) => [.. values.Select(v => Gen.Const(v))];

    [Fact]
    public void Index_and_query_agree_with_interval_arithmetic() =>
        Gen.Select(Dates, Dates, Gen.Int[0, 3], Gen.Int[0, Prefixes.Length - 1], Dates).Sample((start, end, open, prefix, asked) =>
        {
            var resource = DateRange.Between(open == 1 ? null : Range(start), open == 2 ? null : Range(open == 3 ? start : end));
            if (open is 0 or 3 && resource.Hi <= resource.Lo)
                return true; // a period that ends before it begins
            var row = new DateRow(1, resource.Lo, resource.Hi, resource.DayLo, resource.DayHi);
            var expression = DateCriterion.Parse(Prefixes[prefix] + asked, Zone)!.Value.For(Param, Now);
            return Matches(expression, row) == Expected(Prefixes[prefix], resource, asked);
        }, iter: 50_000);

    [Theory]
    [InlineData("2024-03-01", "2024-03-01T23:30:00-05:00", true)] // the second of March in UTC, the first where it happened
    [InlineData("2024-03-02", "2024-03-01T23:30:00-05:00", false)]
    [InlineData("2024-03-02T04:30:00Z", "2024-03-01T23:30:00-05:00", true)]
    [InlineData("2024-03-01T23:30-05:00", "2024-03-01T23:30:00-05:00", true)]
    [InlineData("2024-03-01T23:30", "2024-03-01T23:30:00-05:00", true)] // no zone given: the practice's
    [InlineData("2024-02", "2024-02-29", true)]
    [InlineData("2024-02-29", "2024-02", false)] // the month is not within the day
    [InlineData("ap2024-02-29", "2024-02", true)]
    [InlineData("lt2024-11-03", "2024-11-02T23:59:59-04:00", true)]
    [InlineData("ge2024-03-10T02:30:00-05:00", "2024-03-10T02:30:00-05:00", true)]
    public void Decides(string asked, string recorded, bool expected)
    {
        var range = Range(recorded);
        var row = new DateRow(1, range.Lo, range.Hi, range.DayLo, range.DayHi);

        Assert.Equal(expected, Matches(DateCriterion.Parse(asked, Zone)!.Value.For(Param, Now), row));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2024-13")]
    [InlineData("xx2024-01-01")]
    [InlineData("2024-01-01T10")]
    [InlineData("1/2/2024")]
    [InlineData("")]
    public void Refuses(string text) => Assert.Null(DateCriterion.Parse(text, Zone));

    [Fact]
    public void A_plus_sign_that_arrived_as_a_blank_is_understood() =>
        Assert.Equal(DateCriterion.Parse("2024-01-01T10:00:00+02:00", Zone), DateCriterion.Parse("2024-01-01T10:00:00 02:00", Zone));

    [Theory]
    [InlineData("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z")]
    [InlineData("gt2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z", null)]
    [InlineData("ge2024-01-01", "2024-01-01T05:00:00Z", null)]
    [InlineData("lt2024-01", null, "2024-01-01T05:00:00Z")]
    [InlineData("le2024-01-01T10:00:00Z", null, "2024-01-01T10:00:01Z")]
    public void Last_updated_is_an_interval_of_instants(string asked, string? from, string? before)
    {
        var expected = new SearchExpression.LastUpdated(Ms(from), Ms(before));

        Assert.Equal(expected, DateCriterion.Parse(asked, Zone)!.Value.ForLastUpdated(Now));
    }

    private static long? Ms(string? instant) =>
        instant is null ? null : DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static DateRange Range(string text) =>
        FhirDate.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var date) ? DateRange.Covering(date, Zone) : throw new ArgumentException(text);

    /// <summary>search.html#prefix in its own words, on local days or on UTC instants as the value asked for has it.</summary>
    private static bool Expected(string prefix, DateRange resource, string asked)
    {
        var search = Range(asked);
        var byDay = !asked.Contains('T', StringComparison.Ordinal);
        decimal lo = byDay ? resource.DayLo : resource.Lo, hi = byDay ? resource.DayHi : resource.Hi;
        decimal from = byDay ? search.DayLo : search.Lo, to = byDay ? search.DayHi : search.Hi;
        var contains = from <= lo && hi <= to;
        var aboveOverlaps = hi > to;
        var belowOverlaps = lo < from;
        switch (prefix)
        {
            case "ne": return !contains;
            case "gt": return aboveOverlaps;
            case "lt": return belowOverlaps;
            case "ge": return aboveOverlaps || contains;
            case "le": return belowOverlaps || contains;
            case "sa": return lo >= to;
            case "eb": return hi <= from;
            case "ap":
                var day = byDay ? 86_400_000 : 1;
                var tenth = Math.Floor(Math.Floor(Math.Abs(Now.ToUnixTimeMilliseconds() - (from * day)) / 10) / day);
                return lo < to + tenth && hi > from - tenth;
            default: return contains;
        }
    }

    private static bool Matches(SearchExpression expression, DateRow row) => expression switch
    {
        SearchExpression.Or any => any.Terms.Any(t => Matches(t, row)),
        SearchExpression.Date date => date.Comparisons.All(c => Holds(c, row)),
        _ => throw new ArgumentException($"{expression} is no date expression."),
    };

    private static bool Holds(DateComparison comparison, DateRow row)
    {
        long value = comparison.Column switch
        {
            DateColumn.Lo => row.Lo,
            DateColumn.Hi => row.Hi,
            DateColumn.DayLo => row.DayLo,
            _ => row.DayHi,
        };
        return comparison.Operator switch
        {
            ComparisonOperator.Less => value < comparison.Value,
            ComparisonOperator.LessOrEqual => value <= comparison.Value,
            ComparisonOperator.Equal => value == comparison.Value,
            ComparisonOperator.NotEqual => value != comparison.Value,
            ComparisonOperator.GreaterOrEqual => value >= comparison.Value,
            _ => value > comparison.Value,
        };
    }
}
