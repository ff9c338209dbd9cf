using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>How an answer is written: JSON as stored, JSON indented, or XML (http.html#mime-type, #pretty).</summary>
internal sealed record ResponseFormat(bool IsXml, bool IsPretty)
{
    public static ResponseFormat Json { get; } = new(false, false);

    /// <summary>Written as stored, byte for byte.</summary>
    public bool IsPlain => !IsXml && !IsPretty;

    public string ContentType => IsXml ? FhirFormats.XmlMediaType + "; charset=utf-8" : FhirFormats.JsonMediaType + "; charset=utf-8";

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
        bool? pretty = null;
        foreach (var (name, value) in query)
        {
            if (name == "_format")
                format = value;
            else if (name == "_pretty")
                pretty = value == "true";
        }

        if (format is not null)
            return Kind(RequestBody.MediaType(format.Replace(' ', '+'))) is { } kind && !format.Split(';', StringSplitOptions.TrimEntries).Any(MediaRange.IsOtherVersion)
                ? (Of(kind, pretty), null)
                : (Json, NotAcceptable(format));

        var accept = request.Headers.Accept;
        if (accept.Count == 0 || accept is ["application/fhir+json"] or ["application/json"] or ["*/*"])
            return (pretty == true ? new(false, true) : Json, null);

        (double Quality, Form Form)? best = null;
        foreach (var range in MediaRange.Parse(accept))
            if (range.Quality > 0 && Kind(range.MediaType) is { } form && (best is null || range.Quality > best.Value.Quality))
                best = (range.Quality, form);
        if (best is { } chosen)
            return (Of(chosen.Form, pretty), null);
        return string.IsNullOrWhiteSpace(accept.ToString()) ? (Of(Form.Json, pretty), null) : (Json, NotAcceptable(accept.ToString()));
    }

    /// <summary>A media type that names FHIR itself, in whichever version of its name.</summary>
    public static bool IsFhir(string mediaType) => mediaType is "application/fhir+json" or "application/json+fhir" or "application/fhir+xml" or "application/xml+fhir";

    private enum Form
    {
        Json,
        Xml,

        /// <summary>A browser: it shows JSON, best with line breaks.</summary>
        Page,
    }

    private static ResponseFormat Of(Form form, bool? pretty) => new(form == Form.Xml, pretty ?? form == Form.Page);

    private static Form? Kind(string mediaType) => mediaType switch
    {
        "json" or "application/json" or "application/fhir+json" or "text/json" or "application/json+fhir" or "*/*" or "application/*" => Form.Json,
        "xml" or "application/xml" or "application/fhir+xml" or "text/xml" or "application/xml+fhir" => Form.Xml,
        "html" or "text/html" or "application/xhtml+xml" => Form.Page,
        _ => null,
    };

    private static FhirFault NotAcceptable(string asked) => FhirFault.Of(FaultKind.NotAcceptable,
        $"'{(asked.Length > 200 ? asked[..200] : asked)}' is not a format this server writes: ask for application/fhir+json or application/fhir+xml (FHIR version 4.0).");
}
