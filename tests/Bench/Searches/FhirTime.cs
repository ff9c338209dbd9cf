using System.Globalization;
using System.Text.Json;

namespace FhirEmr.Bench.Searches;

/// <summary>FHIR dates as stretches of time, and the prefixes of date search over them.</summary>
/// <remarks>https://hl7.org/fhir/R4/search.html#date and #prefix.</remarks>
internal static class FhirTime
{
    public static Span? Span(string? text)
    {
        if (text is null)
            return null;
        if (text.Length >= 19)
        {
            var low = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return new Span(low, low + (text.Contains('.', StringComparison.Ordinal) ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(1)));
        }

        var year = int.Parse(text.AsSpan(0, 4), CultureInfo.InvariantCulture);
        var month = text.Length >= 7 ? int.Parse(text.AsSpan(5, 2), CultureInfo.InvariantCulture) : 1;
        var day = text.Length >= 10 ? int.Parse(text.AsSpan(8, 2), CultureInfo.InvariantCulture) : 1;
        var start = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero);
        return new Span(start, text.Length switch { 4 => start.AddYears(1), 7 => start.AddMonths(1), _ => start.AddDays(1) });
    }

    public static Span? Period(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var period))
            return null;
        var start = period.TryGetProperty("start", out var s) ? Span(s.GetString()) : null;
        var end = period.TryGetProperty("end", out var e) ? Span(e.GetString()) : null;
        return start is null && end is null ? null : new Span(start?.Low ?? DateTimeOffset.MinValue, end?.High ?? DateTimeOffset.MaxValue);
    }

    /// <summary><c>ge</c>: it reaches beyond what was asked for, or lies within it.</summary>
    public static bool AtLeast(this Span value, Span asked) => value.High > asked.High || value.Within(asked);

    /// <summary><c>lt</c>: it begins before what was asked for.</summary>
    public static bool Before(this Span value, Span asked) => value.Low < asked.Low;

    /// <summary>Whether an end of it is so near the boundary that a time zone would decide: such boundaries are not drawn.</summary>
    public static bool IsNear(this Span value, DateTimeOffset boundary) =>
        (value.Low - boundary).Duration() < TimeSpan.FromHours(50) || (value.High - boundary).Duration() < TimeSpan.FromHours(50);

    private static bool Within(this Span value, Span asked) => value.Low >= asked.Low && value.High <= asked.High;
}
