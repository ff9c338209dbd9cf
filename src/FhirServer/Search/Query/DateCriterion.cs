using System.Diagnostics;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using static FhirEmr.FhirServer.Search.Query.ComparisonOperator;
using static FhirEmr.FhirServer.Search.Query.DateColumn;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A date in a search: interval arithmetic between what the value covers and what the resource's date covers (search.html#date).</summary>
/// <remarks>
/// A value without a time compares local days, so that "2024-05-01" is the first of May where the event took place; the UTC columns then get
/// bounds a day wider, true whatever the zone, which let an index on them be used. A value with a time compares instants.
/// </remarks>
internal readonly record struct DateCriterion(ComparisonPrefix Prefix, DateRange Range, bool HasTime)
{
    public const string Expected = "A date is [prefix]YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.sss]][Z|+hh:mm], as in ge2024-05-01.";

    private const long MsPerDay = 86_400_000;

    public static DateCriterion? Parse(string text, TimeZoneInfo zone)
    {
        // An unescaped '+' of a zone offset arrives as a blank.
        return ComparisonPrefixes.TryTake(text, out var prefix, out var value)
            && FhirDate.TryParse(Encoding.UTF8.GetBytes(value.Replace(' ', '+')), out var date)
            ? new(prefix, DateRange.Covering(date, zone), date.HasTime)
            : null;
    }

    /// <param name="now">For <c>ap</c>, which widens by a tenth of the time between now and the date.</param>
    public SearchExpression For(SearchParam param, DateTimeOffset now)
    {
        var (lo, hi) = HasTime ? (Range.Lo, Range.Hi) : (Range.DayLo, Range.DayHi);
        return Prefix switch
        {
            ComparisonPrefix.Eq => One(param, From(GreaterOrEqual, lo), To(LessOrEqual, hi), From(Less, hi)),
            ComparisonPrefix.Ne => Any(One(param, From(Less, lo)), One(param, To(Greater, hi))),
            ComparisonPrefix.Gt => One(param, To(Greater, hi)),
            ComparisonPrefix.Lt => One(param, From(Less, lo)),
            ComparisonPrefix.Ge => Any(One(param, From(GreaterOrEqual, lo)), One(param, To(Greater, hi))),
            ComparisonPrefix.Le => Any(One(param, From(Less, lo)), One(param, To(LessOrEqual, hi))),
            ComparisonPrefix.Sa => One(param, From(GreaterOrEqual, hi)),
            ComparisonPrefix.Eb => One(param, To(LessOrEqual, lo)),
            ComparisonPrefix.Ap => Approximately(param, lo, hi, now),
            _ => throw new UnreachableException($"{Prefix} is no prefix."),
        };
    }

    /// <summary>The same for <c>_lastUpdated</c>, an instant of the resource row.</summary>
    public SearchExpression ForLastUpdated(DateTimeOffset now) => Prefix switch
    {
        ComparisonPrefix.Eq => new SearchExpression.LastUpdated(Range.Lo, Range.Hi),
        ComparisonPrefix.Ne => new SearchExpression.Not(new SearchExpression.LastUpdated(Range.Lo, Range.Hi)),
        ComparisonPrefix.Gt or ComparisonPrefix.Sa => new SearchExpression.LastUpdated(Range.Hi, null),
        ComparisonPrefix.Lt or ComparisonPrefix.Eb => new SearchExpression.LastUpdated(null, Range.Lo),
        ComparisonPrefix.Ge => new SearchExpression.LastUpdated(Range.Lo, null),
        ComparisonPrefix.Le => new SearchExpression.LastUpdated(null, Range.Hi),
        ComparisonPrefix.Ap => new SearchExpression.LastUpdated(Range.Lo - (Gap(Range.Lo, now) / 10), Range.Hi + (Gap(Range.Lo, now) / 10)),
        _ => throw new UnreachableException($"{Prefix} is no prefix."),
    };

    private SearchExpression.Date Approximately(SearchParam param, long lo, long hi, DateTimeOffset now)
    {
        var widening = HasTime ? Gap(lo, now) / 10 : Gap(lo * MsPerDay, now) / 10 / MsPerDay;
        return One(param, From(Less, hi + widening), To(Greater, lo - widening));
    }

    private static long Gap(long date, DateTimeOffset now) => Math.Abs(now.ToUnixTimeMilliseconds() - date);

    private static SearchExpression.Or Any(params SearchExpression[] terms) => new(terms);

    private SearchExpression.Date One(SearchParam param, params ReadOnlySpan<DateComparison> comparisons)
    {
        var all = new List<DateComparison>(comparisons.Length * 2);
        foreach (var comparison in comparisons)
        {
            all.Add(comparison);
            if (!HasTime)
                all.Add(Widened(comparison));
        }

        return new(param, all);
    }

    // Offsets reach from -12 to +14 hours, so a local day lies within a UTC day more on either side.
    private static DateComparison Widened(DateComparison day)
    {
        var column = day.Column == DayLo ? Lo : Hi;
        return day.Operator is Less or LessOrEqual
            ? new(column, day.Operator, (day.Value * MsPerDay) + MsPerDay)
            : new(column, day.Operator, (day.Value * MsPerDay) - MsPerDay);
    }

    private DateComparison From(ComparisonOperator op, long value) => new(HasTime ? Lo : DayLo, op, value);

    private DateComparison To(ComparisonOperator op, long value) => new(HasTime ? Hi : DayHi, op, value);
}
