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

    /// <summary>The document or package itself, for who asks for it, for XML or for anything; null is a Binary around it.</summary>
    public static (string? MediaType, FhirFault? Fault) Choose(FhirRequest request, string mediaType) => BinaryFormat.Choose(request,
        type => type == mediaType || (mediaType.EndsWith("xml", StringComparison.Ordinal) && type is "application/xml" or "text/xml" or "text/*") ? mediaType : null, mediaType, mediaType);
}
