using System.Text;
using System.Xml;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace FhirEmr.FhirServer.Rest;

/// <summary>Request bytes → a parsed resource, whatever their format, or the fault that says where they go wrong.</summary>
internal static class RequestBody
{
    private static readonly BaseFhirXmlDeserializer XmlParser = new(ModelInfo.ModelInspector);

    /// <summary>The SDK's complaint about the form of a primitive: left to our own reader, so that XML may say what JSON may.</summary>
    private const string BadLiteral = "PVAL124";

    public static FhirFault? Read(ReadOnlyMemory<byte> body, string? contentType, out FhirNode resource)
    {
        resource = default;
        var mediaType = MediaType(contentType);
        switch (mediaType)
        {
            case "application/fhir+json" or "application/json" or "text/json" or "application/json+fhir":
                return ReadJson(body, out resource);
            case "application/fhir+xml" or "application/xml" or "text/xml" or "application/xml+fhir":
                return ReadXml(body, out resource);
            default:
                return FhirFault.Of(FaultKind.UnsupportedMediaType,
                    $"Content-Type '{mediaType}' is not read here: send application/fhir+json or application/fhir+xml.");
        }
    }

    public static string MediaType(string? contentType)
    {
        var end = contentType?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return (end < 0 ? contentType ?? "" : contentType![..end]).Trim().ToLowerInvariant();
    }

    private static FhirFault? ReadJson(ReadOnlyMemory<byte> body, out FhirNode resource)
    {
        var tree = FhirJsonReader.Read(body, out var issues);
        resource = tree?.Root ?? default;
        return issues.Count > 0 ? FhirFault.Structure(issues) : null;
    }

    // XML is rare and takes the slow road: the SDK reads it, and from there it is JSON like everything else.
    private static FhirFault? ReadXml(ReadOnlyMemory<byte> body, out FhirNode resource)
    {
        resource = default;
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersFromEntities = 0 };
        Resource? parsed;
        try
        {
            if (TooDeep(body, settings) is { } deep)
                return deep;
            using (var attributes = XmlReader.Create(new MemoryStream(body.ToArray()), settings))
                if (XmlAttributes.Fault(attributes) is { } unknown)
                    return unknown;
            using var reader = XmlReader.Create(new MemoryStream(body.ToArray()), settings);
            XmlParser.TryDeserializeResource(reader, out parsed, out var faults);
            var serious = faults.Where(f => f.ErrorCode != BadLiteral).Take(50).ToArray();
            if (parsed is null || serious.Length > 0)
                return new FhirFault(FaultKind.Invalid, [.. serious.Select(f => new FaultIssue("structure", f.Message))]);
        }
        catch (XmlException e)
        {
            return FhirFault.Of(FaultKind.Invalid, $"Not well-formed XML at line {e.LineNumber}, column {e.LinePosition}: {e.Message}", code: "structure");
        }

        return ReadJson(FhirFormats.ToJson(parsed), out resource);
    }

    /// <summary>The SDK follows nesting by recursion: far enough down the stack would end, and the process with it.</summary>
    private static FhirFault? TooDeep(ReadOnlyMemory<byte> body, XmlReaderSettings settings)
    {
        using var reader = XmlReader.Create(new MemoryStream(body.ToArray()), settings);
        while (reader.Read())
            if (reader.Depth > FhirJsonParse.MaxDepth)
                return FhirFault.Of(FaultKind.Invalid,
                    $"Elements are nested more than {FhirJsonParse.MaxDepth} deep at line {((IXmlLineInfo)reader).LineNumber}, column {((IXmlLineInfo)reader).LinePosition}.", code: "structure");
        return null;
    }
}
