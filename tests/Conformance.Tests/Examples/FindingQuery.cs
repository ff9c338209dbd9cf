using System.Globalization;
using FhirEmr.Conformance.Tests.Oracle;
using Hl7.Fhir.Model;
using static FhirEmr.Conformance.Tests.Oracle.OracleText;

namespace FhirEmr.Conformance.Tests.Examples;

/// <summary>A value of a resource as a search for it.</summary>
internal static class FindingQuery
{
    /// <summary>Null when the value names nothing to search by: words without a code, a reference without an address, a timing without a date.</summary>
    public static string? For(OracleParam param, Base value) => param.Kind switch
    {
        SearchParamType.Token => OracleMatch.Pairs(value) is [var (system, code), ..] ? system is null ? Escape(code) : $"{Escape(system)}|{Escape(code)}" : null,
        SearchParamType.String => PartsOf(value)?.FirstOrDefault(p => p.Length > 0) is { } text ? Escape(text.Length > 100 ? text[..100] : text) : null,
        SearchParamType.Uri => OracleMatch.Addresses(value) is [var uri, ..] ? Escape(uri) : null,
        SearchParamType.Reference => OracleMatch.Addresses(value) is [var address, ..] ? Escape(address) : null,
        SearchParamType.Date => Date(value),
        SearchParamType.Number => OracleQuantity.Numbers(value) is [var number, ..] ? number.ToString(CultureInfo.InvariantCulture) : null,
        SearchParamType.Quantity => OracleQuantity.Of(value) is [var q, ..]
            ? q.Value.ToString(CultureInfo.InvariantCulture) + (q is { System: { } s, Code: { } c } ? $"|{Escape(s)}|{Escape(c)}" : (q.Code ?? q.Unit) is { } unit ? $"||{Escape(unit)}" : "")
            : null,
        _ => null,
    };

    private static string? Date(Base value) => value switch
    {
        Period { StartElement: { } start } => "ge" + OracleDate.Text(start),
        Period { EndElement: { } end } => "le" + OracleDate.Text(end),
        Timing { EventElement: [var first, ..] } => OracleDate.Text(first),
        Timing { Repeat.Bounds: Period bounds } => Date(bounds),
        Hl7.Fhir.Model.Date or FhirDateTime or Instant => OracleDate.Text((PrimitiveType)value),
        _ => null,
    };
}
