namespace FhirEmr.FhirServer.Rest;

/// <summary>Operations that write papers answer as PDF or HTML when asked so, else as a Binary with the PDF.</summary>
internal static class PaperFormat
{
    private static readonly string[] Operations = ["superbill", "cms1500", "statement", "appeal-packet"];

    /// <summary>Whether the media types asked for are this operation's to judge.</summary>
    public static bool MayBeWanted(FhirRequest request) => request.Target.Operation is { } operation && Operations.Contains(operation);

    /// <summary>PDF or HTML; null is a Binary resource.</summary>
    public static (string? MediaType, FhirFault? Fault) Choose(FhirRequest request) => BinaryFormat.Choose(request, type => type switch
    {
        "application/pdf" or "pdf" => "application/pdf",
        "text/html" or "html" or "application/xhtml+xml" => "text/html",
        _ => null,
    }, null, "application/pdf and text/html");
}
