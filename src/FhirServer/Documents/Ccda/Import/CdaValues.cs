using System.Globalization;
using System.Xml.Linq;
using Hl7.Fhir.Model;
using Range = Hl7.Fhir.Model.Range;

namespace FhirEmr.FhirServer.Documents.Ccda.Import;

/// <summary>CDA data types as FHIR data types. What a <c>nullFlavor</c> stands for is absent.</summary>
internal sealed class CdaValues(CdaDocument document, TimeZoneInfo zone)
{
    private const string Ucum = "http://unitsofmeasure.org";

    public string? Time(XElement? ts) => ts.NullFlavor() is null ? CdaTime.ToFhir(ts.Attr("value"), zone) : null;

    public FhirDateTime? DateTime(XElement? ts) => Time(ts) is { } time ? new(time) : null;

    /// <summary>The point or the beginning of an <c>IVL_TS</c>.</summary>
    public FhirDateTime? Start(XElement? time) => DateTime(time) ?? DateTime(time.One("low")) ?? DateTime(time.One("center"));

    public FhirDateTime? End(XElement? time) => DateTime(time.One("high"));

    public Period? Period(XElement? time)
    {
        var (start, end) = (DateTime(time.One("low")), End(time));
        if (start is null && end is null)
            return DateTime(time) is { } point ? new() { StartElement = point, EndElement = (FhirDateTime)point.DeepCopy() } : null;
        return new() { StartElement = start, EndElement = end };
    }

    /// <summary>A point, or a period when it has ends.</summary>
    public DataType? PointOrPeriod(XElement? time) => time is null ? null : time.One("low") is null && time.One("high") is null ? Start(time) : Period(time);

    /// <summary>A code with its translations and the words it was taken from; null when it says nothing.</summary>
    public CodeableConcept? Concept(XElement? code)
    {
        if (code is null)
            return null;
        var concept = new CodeableConcept { Text = document.TextOf(code.One("originalText")) };
        if (Coding(code) is { } main)
            concept.Coding.Add(main);
        foreach (var translation in code.Many("translation"))
            if (Coding(translation) is { } coding && !concept.Coding.Exists(c => c.System == coding.System && c.Code == coding.Code))
                concept.Coding.Add(coding);
        if (concept.Coding.Count == 0)
            concept.Text ??= code.Attr("displayName");
        return concept.Coding.Count == 0 && concept.Text is null ? null : concept;
    }

    public static Coding? Coding(XElement? code)
    {
        if (code is null || code.NullFlavor() is not null || code.Attr("code") is not { } value)
            return null;
        return new(OidSystems.UrlOf(code.Attr("codeSystem")), value) { Display = code.Attr("displayName"), Version = code.Attr("codeSystemVersion") };
    }

    /// <summary>A <c>PQ</c>; null for one without a number.</summary>
    public static Quantity? Quantity(XElement? pq)
    {
        if (pq.NullFlavor() is not null || Number(pq.Attr("value")) is not { } value)
            return null;
        var unit = pq.Attr("unit");
        return unit is null ? new() { Value = value } : new() { Value = value, Unit = unit, System = Ucum, Code = unit };
    }

    /// <summary>An <c>IVL_PQ</c> with both ends; one end alone is a <see cref="Bound"/>.</summary>
    public static Range? Range(XElement? ivl) => Quantity(ivl.One("low")) is { } low && Quantity(ivl.One("high")) is { } high ? new() { Low = low, High = high } : null;

    /// <summary>One end alone is a quantity with a comparator: <c>&lt; 5</c>.</summary>
    public static Quantity? Bound(XElement? ivl)
    {
        var (low, high) = (ivl.One("low"), ivl.One("high"));
        if (Quantity(high) is { } most && Quantity(low) is null)
        {
            most.Comparator = high.Attr("inclusive") == "false" ? Hl7.Fhir.Model.Quantity.QuantityComparator.LessThan : Hl7.Fhir.Model.Quantity.QuantityComparator.LessOrEqual;
            return most;
        }

        if (Quantity(low) is { } least && Quantity(high) is null)
        {
            least.Comparator = low.Attr("inclusive") == "false" ? Hl7.Fhir.Model.Quantity.QuantityComparator.GreaterThan : Hl7.Fhir.Model.Quantity.QuantityComparator.GreaterOrEqual;
            return least;
        }

        return null;
    }

    /// <summary>A point, or the lower end of an interval: a dose is often written as an interval of one value.</summary>
    public static Quantity? QuantityOrLow(XElement? value) => Quantity(value) ?? Quantity(value.One("low")) ?? Quantity(value.One("center"));

    /// <summary><c>observation/value</c> of any type as <c>Observation.value[x]</c>; the fault is a sentence.</summary>
    public (DataType? Value, string? Fault) Value(XElement? value)
    {
        if (value is null || (value.NullFlavor() is not null && value.One("originalText") is null && value.One("translation") is null))
            return (null, null);
        switch (value.DataType())
        {
            case "PQ" or "REAL" or "MO" or "PQR":
                return Quantity(value) is { } quantity ? (quantity, null) : value.NullFlavor() is not null ? (null, null) : (null, $"'{Short(value.Attr("value"))}' is no number");
            case "INT":
                return int.TryParse(value.Attr("value"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? (new Integer(number), null)
                    : (null, $"'{Short(value.Attr("value"))}' is no whole number");
            case "IVL_PQ" or "IVL_REAL" or "IVL_INT":
                return (DataType?)Range(value) is { } range ? (range, null) : Bound(value) is { } bound ? (bound, null) : Quantity(value) is { } point ? (point, null) : (null, "the interval has no ends");
            case "RTO" or "RTO_PQ_PQ" or "RTO_QTY_QTY":
                return Quantity(value.One("numerator")) is { } numerator && Quantity(value.One("denominator")) is { } denominator
                    ? (new Ratio { Numerator = numerator, Denominator = denominator }, null) : (null, "the ratio has no numbers");
            case "CD" or "CE" or "CO" or "CV" or "CS":
                return (Concept(value), null);
            case "TS":
                return DateTime(value) is { } time ? (time, null) : (null, $"'{Short(value.Attr("value"))}' is no point in time");
            case "IVL_TS":
                return (Period(value), null);
            case "BL":
                return value.Attr("value") is "true" or "false" ? (new FhirBoolean(value.Attr("value") == "true"), null) : (null, $"'{Short(value.Attr("value"))}' is neither true nor false");
            case "ST" or "ED" or null:
                return document.TextOf(value) is { } text ? (new FhirString(text), null) : Concept(value) is { } concept ? (concept, null) : (null, null);
            case var other:
                return (null, $"the data type {Short(other)} is not known");
        }
    }

    public static Identifier? Identifier(CdaId id)
    {
        if (OidSystems.UrlOf(id.Root) is not { } system)
            return null;
        return id.Extension is { } value ? new(system, value)
            : new("urn:ietf:rfc:3986", OidSystems.IsOid(id.Root) ? "urn:oid:" + id.Root : system);
    }

    public static List<Identifier> Identifiers(XElement element) => [.. CdaId.AllOf(element).Select(Identifier).OfType<Identifier>()];

    public static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Short(string? text) => text is null ? "" : text.Length > 40 ? text[..40] : text;
}
