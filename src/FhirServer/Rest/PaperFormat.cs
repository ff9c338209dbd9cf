namespace FhirEmr.FhirServer.Rest;

/// <summary>Operations that write papers answer as PDF or HTML when asked so, else as a Binary with the PDF.</summary>
internal static class PaperFormat
{
    private static readonly string[] Operations = ["superbill", "cms1500", "statement", "appeal-packet"];

    /// <summary>Whether the media types asked for are this operation's to judge.</summary>
    public static bool MayBeWanted(FhirRequest request) => request.Target.Operation is { } operation && Operations.Contains(operation);

    /// <summary><c>_format</c> wins over Accept, as everywhere; null is a Binary resource.</summary>
    public static (string? MediaType, FhirFault? Fault) Choose(FhirRequest request)
    {
        var format = request.Query.Where(q => q.Key == "_format").Select(q => q.Value).LastOrDefault();
        var asked = format is not null ? [format] : (request.Accept ?? "*/*").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var range in asked)
        {
            switch (RequestBody.MediaType(range.Replace(' ', '+')))
            {
                case "application/pdf" or "pdf":
                    return ("application/pdf", null);
                case "text/html" or "html" or "application/xhtml+xml":
                    return ("text/html", null);
                case "json" or "xml" or "application/json" or "application/xml" or "text/json" or "text/xml" or "application/fhir+json" or "application/fhir+xml" or "*/*" or "application/*":
                    return (null, null);
            }
        }

        return (null, FhirFault.Of(FaultKind.NotAcceptable, $"${request.Target.Operation} writes application/pdf and text/html, or a Binary as application/fhir+json or application/fhir+xml."));
    }
}
