using System.Xml;

namespace FhirEmr.FhirServer.Rest;

/// <summary>FHIR XML has three attributes only (xml.html): <c>value</c>, <c>id</c> and <c>url</c>. The SDK falls over others on a primitive.</summary>
internal static class XmlAttributes
{
    private const string Fhir = "http://hl7.org/fhir";

    /// <summary>The first element that has another one; null when none has. Narrative is XHTML and has its own.</summary>
    /// <exception cref="XmlException">The text is not well-formed.</exception>
    public static FhirFault? Fault(XmlReader reader)
    {
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element || reader.NamespaceURI != Fhir || !reader.HasAttributes)
                continue;
            var element = reader.LocalName;
            while (reader.MoveToNextAttribute())
                if (reader.Prefix is not ("xmlns" or "xsi" or "xml") && reader.Name is not ("value" or "id" or "url" or "xmlns"))
                    return FhirFault.Of(FaultKind.Invalid,
                        $"The element '{element}' has an attribute '{reader.Name}' at line {((IXmlLineInfo)reader).LineNumber}, column {((IXmlLineInfo)reader).LinePosition}; FHIR knows value, id and url.", code: "structure");
            reader.MoveToElement();
        }

        return null;
    }
}
