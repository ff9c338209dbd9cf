using System.Globalization;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>What a date covers (search.html#date), written from the specification: UTC milliseconds and, as written, local days; ends are exclusive.</summary>
internal readonly partial record struct OracleDate(long Lo, long Hi, long DayLo, long DayHi, bool HasTime)
{
    private const long MsPerDay = 86_400_000;
    private const long Open = long.MaxValue / 4;

    /// <summary>Null when the text is no date.</summary>
    public static OracleDate? Parse(string text)
    {
        if (Form().Match(text) is not { Success: true } match)
            return null;
        var (year, month, day) = (Part("y") ?? 1, Part("m"), Part("d"));
        var start = new DateTime(year, month ?? 1, day ?? 1);
        if (Part("h") is not { } hour)
        {
            var first = (start - DateTime.UnixEpoch).Days;
            var days = day is not null ? 1 : month is not null ? DateTime.DaysInMonth(year, month.Value) : DateTime.IsLeapYear(year) ? 366 : 365;
            return new(first * MsPerDay, (first + days) * MsPerDay, first, first + days, false); // the zone of these tests is UTC
        }

        var seconds = Part("s");
        var fraction = match.Groups["f"] is { Success: true, Value: var digits } ? decimal.Parse("0" + digits, CultureInfo.InvariantCulture) : (decimal?)null;
        var local = ((start - DateTime.UnixEpoch).Days * MsPerDay) + (((((hour * 60L) + Part("n")!.Value) * 60) + (seconds ?? 0)) * 1000) + (long)((fraction ?? 0) * 1000);
        var offset = match.Groups["z"].Value is { Length: 6 } z ? ((z[0] == '-' ? -1 : 1) * ((int.Parse(z[1..3], CultureInfo.InvariantCulture) * 60) + int.Parse(z[4..], CultureInfo.InvariantCulture)) * 60_000L) : 0;
        var length = fraction is not null ? 1 : seconds is not null ? 1000 : 60_000;
        var localDay = (long)Math.Floor((decimal)local / MsPerDay);
        return new(local - offset, local - offset + length, localDay, localDay + 1, true);

        int? Part(string name) => match.Groups[name] is { Success: true, Value: var value } ? int.Parse(value, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Every stretch of time a value stands for; any of them may match. Null when the datatype is no date.</summary>
    public static IReadOnlyList<OracleDate>? Of(Base value) => value switch
    {
        Period period => Between(period.StartElement, period.EndElement) is { } one ? [one] : [],
        Timing timing =>
        [
            .. timing.EventElement.Select(Text).OfType<string>().Select(t => Parse(t)!.Value),
            .. timing.Repeat?.Bounds is Period bounds && Between(bounds.StartElement, bounds.EndElement) is { } span ? [span] : (OracleDate[])[],
        ],
        Date or FhirDateTime or Instant => Text((PrimitiveType)value) is { } text && Parse(text) is { } one ? [one] : [],
        _ => null,
    };

    /// <summary>Whether this, of a resource, matches what a search asks for.</summary>
    public bool Matches(string prefix, OracleDate asked, DateTimeOffset now)
    {
        var (lo, hi, from, to) = asked.HasTime ? (Lo, Hi, asked.Lo, asked.Hi) : (DayLo, DayHi, asked.DayLo, asked.DayHi);
        var gap = Math.Abs(now.ToUnixTimeMilliseconds() - (asked.HasTime ? from : from * MsPerDay)) / 10 / (asked.HasTime ? 1 : MsPerDay);
        var contained = from <= lo && hi <= to;
        return prefix switch
        {
            "eq" => contained,
            "ne" => !contained,
            "gt" => hi > to,
            "lt" => lo < from,
            "ge" => hi > to || contained,
            "le" => lo < from || contained,
            "sa" => lo >= to,
            "eb" => hi <= from,
            "ap" => lo < to + gap && hi > from - gap,
            _ => throw new ArgumentOutOfRangeException(nameof(prefix), prefix, "No prefix."),
        };
    }

    /// <summary>Whether the two have an instant, or a day, in common.</summary>
    public bool Overlaps(OracleDate asked) => asked.HasTime ? Lo < asked.Hi && Hi > asked.Lo : DayLo < asked.DayHi && DayHi > asked.DayLo;

    public static string? Text(PrimitiveType? primitive) => primitive?.JsonValue switch
    {
        null => null,
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var text => text.ToString(),
    };

    private static OracleDate? Between(PrimitiveType? start, PrimitiveType? end)
    {
        var (from, to) = (Text(start) is { } s ? Parse(s) : null, Text(end) is { } e ? Parse(e) : null);
        if (from is null && to is null)
            return null;
        var (dayLo, dayHi) = (from?.DayLo ?? -Open, to?.DayHi ?? Open);
        // In order as instants but, written in different zones, not as days: it all took place on the first day.
        if (dayHi <= dayLo && from is { } f && to is { } t && f.Lo < t.Hi)
            dayHi = dayLo + 1;
        return new(from?.Lo ?? -Open, to?.Hi ?? Open, dayLo, dayHi, true);
    }

    [GeneratedRegex(@"^(?<y>\d{4})(-(?<m>\d\d)(-(?<d>\d\d)(T(?<h>\d\d):(?<n>\d\d)(:(?<s>\d\d)(?<f>\.\d+)?)?(?<z>Z|[+-]\d\d:\d\d)?)?)?)?\z")]
    private static partial Regex Form();
}
