using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Ccda;

/// <summary>Points in time: HL7 v3 <c>TS</c> (<c>20250301103015-0500</c>) and FHIR <c>dateTime</c>, with the precision that was given.</summary>
/// <remarks>
/// A time of day without a zone is taken in the practice's zone, since FHIR allows none without; an hour alone tells the day only. Fractions of
/// a second keep three digits.
/// </remarks>
internal static class CdaTime
{
    /// <summary>As FHIR writes it; null when the text is no point in time.</summary>
    public static string? ToFhir(string? ts, TimeZoneInfo zone)
    {
        if (ts is null)
            return null;
        var sign = ts.AsSpan().IndexOfAny('+', '-');
        var zulu = ts.EndsWith('Z');
        var digits = sign < 0 ? zulu ? ts.AsSpan(0, ts.Length - 1) : ts : ts.AsSpan(0, sign);
        var fraction = digits.IndexOf('.');
        var millis = fraction < 0 ? "" : new string(digits[(fraction + 1)..]);
        if (fraction >= 0)
            digits = digits[..fraction];
        if (digits.Length is not (4 or 6 or 8 or 10 or 12 or 14) || !AllDigits(digits) || !AllDigits(millis))
            return null;

        var year = Number(digits[..4]);
        if (year == 0)
            return null;
        if (digits.Length == 4)
            return $"{year:0000}";
        var month = Number(digits[4..6]);
        if (month is < 1 or > 12)
            return null;
        if (digits.Length == 6)
            return $"{year:0000}-{month:00}";
        var day = Number(digits[6..8]);
        if (day < 1 || day > DateTime.DaysInMonth(year, month))
            return null;
        var date = string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{day:00}");
        if (digits.Length < 12)
            return digits.Length == 8 || Number(digits[8..10]) < 24 ? date : null;

        var (hour, minute, second) = (Number(digits[8..10]), Number(digits[10..12]), digits.Length == 14 ? Number(digits[12..14]) : 0);
        if (hour > 23 || minute > 59 || second > 59)
            return null;
        if (OffsetOf(ts, sign, zulu, new(year, month, day, hour, minute, second), zone) is not { } offset)
            return null;
        var text = new StringBuilder(date).Append(CultureInfo.InvariantCulture, $"T{hour:00}:{minute:00}:{second:00}");
        if (millis.Length > 0 && digits.Length == 14)
            text.Append('.').Append(millis.Length > 3 ? millis[..3] : millis);
        return text.Append(offset).ToString();
    }

    /// <summary>The day of it, as FHIR <c>date</c>.</summary>
    public static string? ToFhirDate(string? ts, TimeZoneInfo zone) => ToFhir(ts, zone) is { } time ? time.Length > 10 ? time[..10] : time : null;

    /// <summary>As CDA writes it; null when the text is no FHIR date.</summary>
    public static string? ToCda(string? fhir)
    {
        if (fhir is null || !FhirDate.TryParse(Encoding.UTF8.GetBytes(fhir), out var date))
            return null;
        var text = date.Local.ToString(date.Precision switch
        {
            DatePrecision.Year => "yyyy",
            DatePrecision.Month => "yyyyMM",
            DatePrecision.Day => "yyyyMMdd",
            DatePrecision.Minute => "yyyyMMddHHmm",
            DatePrecision.Second => "yyyyMMddHHmmss",
            _ => "yyyyMMddHHmmss.fff",
        }, CultureInfo.InvariantCulture);
        return date.HasTime && date.Offset is { } offset ? text + Signed(offset, "") : text;
    }

    public static string ToCda(DateTimeOffset instant) => instant.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture) + Signed(instant.Offset, "");

    private static string? OffsetOf(string ts, int sign, bool isZulu, DateTime local, TimeZoneInfo zone)
    {
        if (isZulu)
            return "+00:00";
        if (sign < 0)
            return Signed(zone.GetUtcOffset(local), ":");
        var given = ts.AsSpan(sign + 1);
        if (given.Length is not (2 or 4) || !AllDigits(given))
            return null;
        var (hours, minutes) = (Number(given[..2]), given.Length == 4 ? Number(given[2..]) : 0);
        return hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) ? null : string.Create(CultureInfo.InvariantCulture, $"{ts[sign]}{hours:00}:{minutes:00}");
    }

    private static string Signed(TimeSpan offset, string between) =>
        string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(offset.Hours):00}{between}{Math.Abs(offset.Minutes):00}");

    private static bool AllDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static int Number(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
