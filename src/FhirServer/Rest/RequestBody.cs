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
        if (CharsetFault(contentType) is { } charset)
            return charset;
        var mediaType = MediaType(contentType);
        switch (mediaType)
        {
            case "application/fhir+json" or "application/json" or "text/json" or "application/json+fhir":
                return ReadJson(body, out resource);
            case "application/fhir+xml" or "application/xml" or "text/xml" or "application/xml+fhir":
                return ReadXml(body, out resource);
            default:
                return Unread(mediaType);
        }
    }

    /// <summary>The body as JSON, whatever it contains; XML must be one that can be read.</summary>
    public static FhirFault? ToJson(ReadOnlyMemory<byte> body, string? contentType, out ReadOnlyMemory<byte> json)
    {
        json = body;
        return CharsetFault(contentType) ?? MediaType(contentType) switch
        {
            "application/fhir+json" or "application/json" or "text/json" or "application/json+fhir" => null,
            "application/fhir+xml" or "application/xml" or "text/xml" or "application/xml+fhir" => XmlToJson(body, out json),
            var other => Unread(other),
        };
    }

    public static string MediaType(string? contentType)
    {
        var end = contentType?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return (end < 0 ? contentType ?? "" : contentType![..end]).Trim().ToLowerInvariant();
    }

    /// <summary>FHIR is UTF-8, and this server is R4: a Content-Type that says otherwise is refused (http.html#mime-type, #version-parameter).</summary>
    public static FhirFault? CharsetFault(string? contentType)
    {
        if (contentType is null || !contentType.Contains(';', StringComparison.Ordinal))
            return null;
        foreach (var parameter in contentType.Split(';', StringSplitOptions.TrimEntries).Skip(1))
        {
            var value = parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"', ' ');
            if (parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)
                && !value.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !value.Equals("utf8", StringComparison.OrdinalIgnoreCase) && !value.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
                return FhirFault.Of(FaultKind.UnsupportedMediaType, "Bodies are read in UTF-8 only: leave charset out, or say charset=utf-8.");
            if (parameter.StartsWith("fhirVersion=", StringComparison.OrdinalIgnoreCase) && value is not ("4.0" or "4.0.1"))
                return FhirFault.Of(FaultKind.UnsupportedMediaType, "This server speaks FHIR R4 only: fhirVersion=4.0.");
        }

        return null;
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
        return XmlToJson(body, out var json) ?? ReadJson(json, out resource);
    }

    private static FhirFault Unread(string mediaType) => FhirFault.Of(FaultKind.UnsupportedMediaType,
        $"Content-Type '{mediaType}' is not read here: send application/fhir+json or application/fhir+xml.");

    private static FhirFault? XmlToJson(ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> json)
    {
        json = default;
        Resource? parsed;
        try
        {
            using (var attributes = SafeXml.Read(body, FhirJsonParse.MaxDepth))
                if (XmlAttributes.Fault(attributes) is { } unknown)
                    return unknown;
            using var reader = SafeXml.Read(body, FhirJsonParse.MaxDepth);
            XmlParser.TryDeserializeResource(reader, out parsed, out var faults);
            var serious = faults.Where(f => f.ErrorCode != BadLiteral).Take(50).ToArray();
            if (parsed is null || serious.Length > 0)
                return new FhirFault(FaultKind.Invalid, [.. serious.Select(f => new FaultIssue("structure", f.Message))]);
        }
        catch (Exception e) when (e is DecoderFallbackException or FormatException)
        {
            return FhirFault.Of(FaultKind.Invalid, $"The XML cannot be read: {e.Message}", code: "structure");
        }
        catch (XmlException e)
        {
            return FhirFault.Of(FaultKind.Invalid, e.LineNumber == 0 ? e.Message : $"Not well-formed XML at line {e.LineNumber}, column {e.LinePosition}: {e.Message}", code: "structure");
        }

        json = FhirFormats.ToJson(parsed);
        return null;
    }
}
