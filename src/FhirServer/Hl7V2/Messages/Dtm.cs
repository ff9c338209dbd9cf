using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>HL7 v2 dates and times (TS, DTM, DT): as much of them as was sent.</summary>
/// <param name="Text">In FHIR's form: YYYY, YYYY-MM, YYYY-MM-DD or with time and offset.</param>
/// <param name="At">The instant it begins, for comparing.</param>
internal sealed record Dtm(string Text, DateTimeOffset At, bool HasTime)
{
    /// <summary>YYYY-MM-DD or less.</summary>
    public string Day => HasTime ? Text[..10] : Text;

    public FhirDateTime ToDateTime() => new(Text);

    /// <summary>Null when the text is no date. A time without an offset is of the sender's zone; minutes are the least that FHIR takes of a time.</summary>
    public static Dtm? Parse(string? text, TimeZoneInfo zone)
    {
        if (text is null)
            return null;
        var body = text.AsSpan().Trim();
        TimeSpan? offset = null;
        if (body.LastIndexOfAny('+', '-') is > 0 and var sign)
        {
            if (body.Length - sign != 5 || !int.TryParse(body[(sign + 1)..(sign + 3)], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
                || !int.TryParse(body[(sign + 3)..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || hours > 14 || minutes > 59)
                return null;
            offset = (body[sign] == '-' ? -1 : 1) * new TimeSpan(hours, minutes, 0);
            if (offset.Value.Duration() > TimeSpan.FromHours(14))
                return null;
            body = body[..sign];
        }

        var fraction = TimeSpan.Zero;
        if (body.IndexOf('.') is >= 0 and var dot)
        {
            if (dot != 14 || body.Length == 15 || body.Length > 22 || !decimal.TryParse("0" + body[dot..].ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
                return null;
            fraction = TimeSpan.FromMilliseconds((double)Math.Floor(seconds * 1000));
            body = body[..dot];
        }

        if (body.Length is not (4 or 6 or 8 or 10 or 12 or 14) || body.ContainsAnyExceptInRange('0', '9'))
            return null;
        var (year, month, day) = (Number(body, 0, 4), body.Length >= 6 ? Number(body, 4, 2) : 1, body.Length >= 8 ? Number(body, 6, 2) : 1);
        var (hour, minute, second) = (body.Length >= 10 ? Number(body, 8, 2) : 0, body.Length >= 12 ? Number(body, 10, 2) : 0, body.Length >= 14 ? Number(body, 12, 2) : 0);
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return null;

        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified) + fraction;
        if (local.Year is 1 or 9999)
            return null; // placeholders, and at the edge of what can be counted
        var at = new DateTimeOffset(local, offset ?? zone.GetUtcOffset(local));
        return body.Length switch
        {
            4 => new(body.ToString(), at, false),
            6 => new(at.ToString("yyyy-MM", CultureInfo.InvariantCulture), at, false),
            8 => new(at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), at, false),
            _ => new(at.ToString(fraction > TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss.fffzzz" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), at, true),
        };
    }

    /// <summary>As HL7 v2 writes it, with the offset.</summary>
    public static string Write(DateTimeOffset at) => at.ToString("yyyyMMddHHmmsszzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);

    private static int Number(ReadOnlySpan<char> text, int start, int length) => int.Parse(text.Slice(start, length), NumberStyles.None, CultureInfo.InvariantCulture);
}
