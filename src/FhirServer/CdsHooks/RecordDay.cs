using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Days as records write them. A month or a year alone is its first day: what was done then was done no earlier.</summary>
internal static class RecordDay
{
    public static DateOnly? Of(string? text) => DateOfService.From(text is { Length: 7 } ? text + "-01" : text is { Length: 4 } ? text + "-01-01" : text);

    /// <summary>When something with this time had happened; of a period its end, or its start while it is open.</summary>
    public static DateOnly? Of(DataType? time) => time switch
    {
        FhirDateTime t => Of(t.Value),
        Date d => Of(d.Value),
        Instant i => i.Value is { } at ? DateOnly.FromDateTime(at.DateTime) : null,
        Period p => Of(p.End) ?? Of(p.Start),
        _ => null,
    };
}
