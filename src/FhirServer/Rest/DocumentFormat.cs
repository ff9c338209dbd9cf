using System.Text;

namespace FhirEmr.FhirServer.Rest;

/// <summary>Bodies that are clinical documents and no resources: CDA, and zip packages of it, in and out.</summary>
internal static class DocumentFormat
{
    /// <summary>The operation that takes documents.</summary>
    public const string Import = "import-ccda";

    private static readonly string[] Writes = ["ccd", "xdm"];

    /// <summary>Whether the media types asked for are this operation's to judge.</summary>
    public static bool MayBeWanted(FhirRequest request) => request.Target.Operation is { } operation && Writes.Contains(operation);

    /// <summary>Whether the body is a document or a package. As plain XML it is one when its root is not FHIR's.</summary>
    public static bool IsDocument(FhirRequest request, string? contentType, ReadOnlySpan<byte> body) => request.Target.Operation == Import && RequestBody.MediaType(contentType) switch
    {
        "application/cda+xml" or "application/zip" or "application/x-zip-compressed" or "application/octet-stream" => true,
        "application/xml" or "text/xml" => !Encoding.UTF8.GetString(body[..Math.Min(body.Length, 1000)]).Contains("http://hl7.org/fhir", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary><c>_format</c> wins over Accept, as everywhere; true for the bytes themselves, false for a Binary around them.</summary>
    public static (bool IsRaw, FhirFault? Fault) Choose(FhirRequest request, string mediaType)
    {
        var format = request.Query.Where(q => q.Key == "_format").Select(q => q.Value).LastOrDefault();
        var asked = format is not null ? [format] : (request.Accept ?? "*/*").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var range in asked)
        {
            var type = RequestBody.MediaType(range.Replace(' ', '+'));
            if (type == mediaType || type is "*/*" or "application/*" || (mediaType.EndsWith("xml", StringComparison.Ordinal) && type is "application/xml" or "text/xml" or "text/*"))
                return (true, null);
            if (type is "json" or "xml" or "application/json" or "text/json" or "application/fhir+json" or "application/fhir+xml")
                return (false, null);
        }

        return (false, FhirFault.Of(FaultKind.NotAcceptable, $"${request.Target.Operation} writes {mediaType}, or a Binary as application/fhir+json or application/fhir+xml."));
    }
}
