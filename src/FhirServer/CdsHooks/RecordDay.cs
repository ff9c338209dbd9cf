using System.Globalization;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Days as records write them. A month or a year alone is its first day: what was done then was done no earlier.</summary>
internal static class RecordDay
{
    public static DateOnly? Of(string? text)
    {
        var day = text is { Length: >= 10 } ? text[..10] : text is { Length: 7 } ? text + "-01" : text is { Length: 4 } ? text + "-01-01" : null;
        return DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) ? value : null;
    }

    /// <summary>When something with this time had happened; of a period its end, or its start while it is open.</summary>
    public static DateOnly? Of(DataType? time) => time switch
    {
        FhirDateTime t => Of(t.Value),
        Date d => Of(d.Value),
        Instant i => i.Value is { } at ? DateOnly.FromDateTime(at.DateTime) : null,
        Period p => Of(p.End) ?? Of(p.Start),
        _ => null,
    };

    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Whole years of age on a day.</summary>
    public static int Age(DateOnly born, DateOnly on) => on.Year - born.Year - (on < born.AddYears(on.Year - born.Year) ? 1 : 0);
}
