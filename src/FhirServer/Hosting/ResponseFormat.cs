using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>How an answer is written: JSON as stored, JSON indented, or XML (http.html#mime-type, #pretty).</summary>
internal sealed record ResponseFormat(bool IsXml, bool IsPretty)
{
    public static ResponseFormat Json { get; } = new(false, false);

    public string ContentType => (IsXml ? FhirFormats.XmlMediaType : FhirFormats.JsonMediaType) + "; charset=utf-8";

    public ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> json) => (IsXml, IsPretty) switch
    {
        (true, _) => FhirFormats.ToXml(json.Span, IsPretty),
        (false, true) => FhirFormats.Pretty(json.Span),
        _ => json,
    };

    /// <summary><c>_format</c> wins over Accept; nothing said means JSON; only unknown formats said means 406.</summary>
    public static (ResponseFormat Format, FhirFault? Fault) Choose(HttpRequest request, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        string? format = null;
        var pretty = false;
        foreach (var (name, value) in query)
        {
            if (name == "_format")
                format = value;
            else if (name == "_pretty")
                pretty = value == "true";
        }

        if (format is not null)
            return Kind(RequestBody.MediaType(format.Replace(' ', '+'))) is { } xml ? (new(xml, pretty), null) : (Json, NotAcceptable(format));

        var accept = request.Headers.Accept;
        if (accept.Count == 0)
            return (new(false, pretty), null);

        var given = false;
        (double Quality, bool IsXml)? best = null;
        foreach (var part in accept.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            given = true;
            var quality = 1.0;
            var at = part.IndexOf("q=", StringComparison.Ordinal);
            if (at >= 0 && !double.TryParse(part[(at + 2)..].Split(';')[0], global::System.Globalization.CultureInfo.InvariantCulture, out quality))
                quality = 0;
            if (Kind(RequestBody.MediaType(part)) is { } xml && (best is null || quality > best.Value.Quality))
                best = (quality, xml);
        }

        return best is { } chosen || !given ? (new(best?.IsXml ?? false, pretty), null) : (Json, NotAcceptable(accept.ToString()));
    }

    // A browser asks for text/html first and */* last: it gets JSON, not a refusal.
    private static bool? Kind(string mediaType) => mediaType switch
    {
        "json" or "application/json" or "application/fhir+json" or "text/json" or "application/json+fhir" or "*/*" or "application/*" => false,
        "xml" or "application/xml" or "application/fhir+xml" or "text/xml" or "application/xml+fhir" => true,
        _ => null,
    };

    private static FhirFault NotAcceptable(string asked) => FhirFault.Of(FaultKind.NotAcceptable,
        $"'{asked}' is not a format this server writes: ask for application/fhir+json or application/fhir+xml.");
}
