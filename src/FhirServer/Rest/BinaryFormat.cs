namespace FhirEmr.FhirServer.Rest;

/// <summary>Operations that answer with a file: its bytes, or a Binary around them.</summary>
internal static class BinaryFormat
{
    /// <summary><c>_format</c> wins over Accept, as everywhere.</summary>
    /// <param name="named">The file's media type that a range asks for; null when it asks for no file.</param>
    /// <param name="any">What is answered to who takes anything; null for a Binary.</param>
    /// <param name="written">What the operation writes, for who asks for something else.</param>
    /// <returns>The media type of the bytes; null for a Binary.</returns>
    public static (string? MediaType, FhirFault? Fault) Choose(FhirRequest request, Func<string, string?> named, string? any, string written)
    {
        var format = request.Query.Where(q => q.Key == "_format").Select(q => q.Value).LastOrDefault();
        var asked = format is not null ? [format] : (request.Accept ?? "*/*").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var range in asked)
        {
            var type = RequestBody.MediaType(range.Replace(' ', '+'));
            if (named(type) is { } file)
                return (file, null);
            if (type is "*/*" or "application/*")
                return (any, null);
            if (type is "json" or "xml" or "application/json" or "application/xml" or "text/json" or "text/xml" or "application/fhir+json" or "application/fhir+xml")
                return (null, null);
        }

        return (null, FhirFault.Of(FaultKind.NotAcceptable, $"${request.Target.Operation} writes {written}, or a Binary as application/fhir+json or application/fhir+xml."));
    }
}
