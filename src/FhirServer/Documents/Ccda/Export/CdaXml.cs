using System.Xml.Linq;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>FHIR data types as CDA elements. What CDA cannot say without losing it goes out as original text or a nullFlavor.</summary>
internal static class CdaXml
{
    private static readonly XNamespace Hl7 = Cda.Hl7;

    /// <summary>An element; parts that are null are left out.</summary>
    public static XElement E(string name, params object?[] content) => new(Hl7 + name, content);

    public static XAttribute A(string name, string value) => new(name, value);

    public static XAttribute Type(string type) => new(Cda.Xsi + "type", type);

    /// <summary>The template as R2.1 writes it: with its version, and without for readers of R1.1.</summary>
    public static IEnumerable<XElement> Templates(string root, string? extension)
    {
        yield return E("templateId", A("root", root));
        if (extension is not null)
            yield return E("templateId", A("root", root), A("extension", extension));
    }

    public static XElement Code(string name, string code, string system, string? display = null) =>
        E(name, A("code", code), A("codeSystem", system), display is null ? null : A("displayName", display));

    public static XElement Loinc(string code, string display) => Code("code", code, OidSystems.Loinc, display);

    public static XElement Snomed(string name, string code, string display) => Code(name, code, OidSystems.Snomed, display);

    public static XElement Value(string code, string system, string display) => E("value", Type("CD"), A("code", code), A("codeSystem", system), A("displayName", display));

    public static XElement Status(string code) => E("statusCode", A("code", code));

    public static XElement Null(string name, string flavor = "UNK") => E(name, A("nullFlavor", flavor));

    /// <summary>A CodeableConcept: the first coding whose system has an OID, the others as translations, its text as original text.</summary>
    public static XElement Concept(string name, FhirNode concept, string? type = null)
    {
        var element = E(name, type is null ? null : Type(type));
        if (!concept.Exists)
        {
            element.Add(A("nullFlavor", "UNK"));
            return element;
        }

        var codings = concept.Each("coding").Select(c => (Root: OidSystems.RootOf(c.TextOf("system")), Code: c.TextOf("code"), Display: c.TextOf("display"), Version: c.TextOf("version")))
            .Where(c => c.Root is not null && c.Code is not null).ToArray();
        var text = concept.TextOf("text");
        if (codings.Length == 0)
        {
            text ??= concept.Words();
            element.Add(A("nullFlavor", "OTH"));
        }
        else
        {
            Fill(element, codings[0]);
        }

        if (text is not null)
            element.Add(E("originalText", text));
        foreach (var coding in codings.Skip(1))
        {
            var translation = E("translation");
            Fill(translation, coding);
            element.Add(translation);
        }

        return element;
    }

    /// <summary>Codes of one Coding alone.</summary>
    public static XElement Coding(string name, FhirNode coding)
    {
        var element = E(name);
        if (OidSystems.RootOf(coding.TextOf("system")) is { } root && coding.TextOf("code") is { } code)
            Fill(element, (root, code, coding.TextOf("display"), null));
        else
            element.Add(A("nullFlavor", "UNK"));
        return element;
    }

    /// <summary>A point in time; null when there is none.</summary>
    public static XElement? Time(string name, string? fhir) => CdaTime.ToCda(fhir) is { } value ? E(name, A("value", value)) : null;

    /// <summary>A point in time, or that it is not known.</summary>
    public static XElement TimeOrUnknown(string name, string? fhir) => Time(name, fhir) ?? Null(name);

    /// <summary>A dateTime as a point, a Period as an interval.</summary>
    public static XElement? PointOrPeriod(FhirNode time)
    {
        if (!time.Exists)
            return null;
        if (time.Type.Name != "Period")
            return time.Kind == NodeKind.Text ? Time("effectiveTime", time.Text) : null;
        return Interval(time.TextOf("start"), time.TextOf("end"));
    }

    public static XElement? Interval(string? start, string? end)
    {
        var (low, high) = (Time("low", start), Time("high", end));
        return low is null && high is null ? null : E("effectiveTime", low ?? Null("low"), high);
    }

    public static XElement? Quantity(string name, FhirNode quantity, string? type = null)
    {
        if (!quantity.Exists || quantity.TextOf("value") is not { } value)
            return null;
        // CDA units are UCUM: a unit in other words goes without its meaning, so it stands as UCUM's own annotation.
        var unit = quantity.TextOf("system") == "http://unitsofmeasure.org" ? quantity.TextOf("code") : quantity.TextOf("unit") is { } words ? $"{{{words.Replace(' ', '_').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}}}" : null;
        return E(name, type is null ? null : Type(type), A("value", value), unit is null ? null : A("unit", unit));
    }

    /// <summary>Any <c>value[x]</c> of an Observation; null when there is none.</summary>
    public static XElement? Value(FhirNode value)
    {
        if (!value.Exists)
            return null;
        switch (value.Type.Name)
        {
            case "Quantity" or "SimpleQuantity" or "Age":
                return value.TextOf("comparator") switch
                {
                    "<" => E("value", Type("IVL_PQ"), WithOpen(Quantity("high", value), true)),
                    "<=" => E("value", Type("IVL_PQ"), Quantity("high", value)),
                    ">" => E("value", Type("IVL_PQ"), WithOpen(Quantity("low", value), true)),
                    ">=" => E("value", Type("IVL_PQ"), Quantity("low", value)),
                    _ => Quantity("value", value, "PQ"),
                };
            case "Range":
                return E("value", Type("IVL_PQ"), Quantity("low", value.Child("low")), Quantity("high", value.Child("high")));
            case "Ratio":
                return E("value", Type("RTO_PQ_PQ"), Quantity("numerator", value.Child("numerator")), Quantity("denominator", value.Child("denominator")));
            case "CodeableConcept":
                return Concept("value", value, "CD");
            case "integer":
                return E("value", Type("INT"), A("value", value.Text));
            case "boolean":
                return E("value", Type("BL"), A("value", value.Text));
            case "dateTime":
                return E("value", Type("TS"), A("value", CdaTime.ToCda(value.Text) ?? ""));
            case "Period":
                return E("value", Type("IVL_TS"), Time("low", value.TextOf("start")), Time("high", value.TextOf("end")));
            default:
                return value.Type.IsPrimitive ? E("value", Type("ST"), value.Text) : null;
        }
    }

    public static XElement Name(FhirNode name)
    {
        if (!name.Exists)
            return Null("name");
        var element = E("name", name.TextOf("use") switch { "official" => A("use", "L"), "nickname" => A("use", "P"), _ => null });
        foreach (var (part, words) in ((string, IEnumerable<FhirNode>)[])[("prefix", name.Each("prefix")), ("given", name.Each("given")), ("family", name.Each("family")), ("suffix", name.Each("suffix"))])
            foreach (var word in words)
                element.Add(E(part, word.Text));
        if (!element.HasElements)
            element.Add(name.TextOf("text") ?? "");
        return element;
    }

    public static XElement Address(FhirNode address)
    {
        if (!address.Exists)
            return Null("addr");
        var element = E("addr", address.TextOf("use") switch { "home" => A("use", "HP"), "work" => A("use", "WP"), "temp" => A("use", "TMP"), "old" => A("use", "BAD"), _ => null });
        foreach (var line in address.Each("line"))
            element.Add(E("streetAddressLine", line.Text));
        foreach (var (part, from) in ((string, string)[])[("city", "city"), ("state", "state"), ("postalCode", "postalCode"), ("country", "country"), ("county", "district")])
            if (address.TextOf(from) is { } words)
                element.Add(E(part, words));
        if (!element.HasElements)
            element.Add(address.TextOf("text") ?? "");
        return element;
    }

    public static XElement? Telecom(FhirNode telecom)
    {
        if (telecom.TextOf("value") is not { } value)
            return null;
        var scheme = telecom.TextOf("system") switch { "phone" => "tel:", "email" => "mailto:", "fax" => "fax:", "sms" => "sms:", _ => "" };
        return E("telecom", A("value", scheme + value), telecom.TextOf("use") switch { "home" => A("use", "HP"), "work" => A("use", "WP"), "mobile" => A("use", "MC"), "temp" => A("use", "TMP"), _ => null });
    }

    private static XElement? WithOpen(XElement? end, bool isOpen)
    {
        if (isOpen)
            end?.Add(A("inclusive", "false"));
        return end;
    }

    private static void Fill(XElement element, (string? Root, string? Code, string? Display, string? Version) coding)
    {
        element.Add(A("code", coding.Code!), A("codeSystem", coding.Root!));
        if (coding.Display is not null)
            element.Add(A("displayName", coding.Display));
        if (coding.Version is not null)
            element.Add(A("codeSystemVersion", coding.Version));
    }
}
