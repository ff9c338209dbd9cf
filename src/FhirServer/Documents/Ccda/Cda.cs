using System.Xml.Linq;

namespace FhirEmr.FhirServer.Documents.Ccda;

/// <summary>Names of CDA R2 and how its elements are asked for; what is absent answers null, so a path can be walked in one go.</summary>
internal static class Cda
{
    public static readonly XNamespace Hl7 = "urn:hl7-org:v3";
    public static readonly XNamespace Sdtc = "urn:hl7-org:sdtc";
    public static readonly XNamespace Xsi = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>The media type of a CDA document (RFC 6838 name used by XDM and Direct).</summary>
    public const string MediaType = "application/cda+xml";

    public static XElement? One(this XElement? element, string name) => element?.Element(Hl7 + name);

    public static IEnumerable<XElement> Many(this XElement? element, string name) => element?.Elements(Hl7 + name) ?? [];

    public static XElement? At(this XElement? element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            element = element?.Element(Hl7 + name);
        return element;
    }

    /// <summary>An attribute's value without blanks around it; null when it is absent or empty.</summary>
    public static string? Attr(this XElement? element, string name) => element?.Attribute(name)?.Value.Trim() is { Length: > 0 } value ? value : null;

    public static string? NullFlavor(this XElement? element) => element.Attr("nullFlavor");

    /// <summary>Whether a coded value has neither a code nor words.</summary>
    public static bool IsSilent(this XElement? value) => value.Attr("code") is null && value.Attr("displayName") is null && value.One("originalText") is null && !value.Many("translation").Any();

    public static bool IsNegated(this XElement element) => element.Attr("negationInd") is "true" or "1";

    /// <summary>Whether the element claims a template, in whatever version of it.</summary>
    public static bool Is(this XElement element, string template) => element.Elements(Hl7 + "templateId").Any(t => t.Attr("root") == template);

    /// <summary>The data type a value says it has (<c>xsi:type</c>) without its prefix.</summary>
    public static string? DataType(this XElement? element) => element?.Attribute(Xsi + "type")?.Value is { } type ? type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() : null;

    /// <summary>Text of the element with blanks and line ends made single blanks; null for none.</summary>
    public static string? Words(this XElement? element) => element is null ? null : Squeezed(element.Value);

    public static string? Squeezed(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? null : string.Join(' ', words);
    }

    /// <summary>Clinical statements below this one, with the kind of relation.</summary>
    public static IEnumerable<(string? TypeCode, XElement Statement)> Related(this XElement statement)
    {
        foreach (var relation in statement.Elements(Hl7 + "entryRelationship"))
            if (relation.Elements().FirstOrDefault(e => e.Name.Namespace == Hl7 && e.Name.LocalName is not ("templateId" or "realmCode" or "typeId" or "sequenceNumber" or "seperatableInd")) is { } related)
                yield return (relation.Attr("typeCode"), related);
    }

    /// <summary>First related statement that claims the template.</summary>
    public static XElement? RelatedAs(this XElement statement, string template) => statement.Related().Select(r => r.Statement).FirstOrDefault(s => s.Is(template));
}
