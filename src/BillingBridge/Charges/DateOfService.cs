using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>FHIR dates and dateTimes as the calendar day a claim needs.</summary>
/// <remarks>
/// A date of service is a day in the facility's time zone. A value with an offset is moved to <c>zone</c> when one is
/// configured; without one the day is taken as it was written, because the writer's offset is the best evidence we have.
/// </remarks>
public static class DateOfService
{
    /// <summary>The day, or null when the value is absent or less precise than a day (<c>2020-05</c>).</summary>
    public static DateOnly? From(string? fhirDate, TimeZoneInfo? zone = null)
    {
        if (fhirDate is not { Length: >= 10 })
            return null;

        if (zone is not null && fhirDate.Length > 19
            && DateTimeOffset.TryParse(fhirDate, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
            return DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);

        return DateOnly.TryParseExact(fhirDate.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
    }

    /// <summary>The first day of <c>serviced[x]</c>; null when there is none.</summary>
    public static DateOnly? First(DataType? serviced) => serviced switch
    {
        Date day => From(day.Value),
        FhirDateTime moment => From(moment.Value),
        Period period => From(period.Start),
        _ => null,
    };

    /// <summary><c>yyyy-MM-dd</c>, the FHIR date.</summary>
    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Completed years between birth and a day.</summary>
    public static int YearsBetween(DateOnly birth, DateOnly day)
    {
        var years = day.Year - birth.Year;
        return birth.AddYears(years) > day ? years - 1 : years;
    }
}
