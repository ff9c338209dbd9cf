using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using Microsoft.Net.Http.Headers;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Binary as it is: bytes of any media type in and out, a piece at a time in memory.</summary>
/// <remarks>https://hl7.org/fhir/R4/binary.html#rest. A FHIR media type in Accept, or <c>_format</c>, asks for the resource around them.</remarks>
internal sealed class RawBinary(FhirInteractions interactions, BinaryIntake intake, ContentStore contents, ReplyWriter writer, BodyReader bodies)
{
    /// <summary>Whether the request sends content and not a resource. A FHIR format may be either: then the body decides (see <see cref="IsResource"/>).</summary>
    public static bool MayBeUpload(FhirRequest request) =>
        request is { Method: "POST" or "PUT", Target: { Type: "Binary", Operation: null, IsSearch: false, IsHistory: false } };

    public static bool IsResourceFormat(string mediaType) =>
        ResponseFormat.IsFhir(mediaType) || mediaType is "application/json" or "text/json" or "application/xml" or "text/xml";

    /// <summary>Whether bytes in a FHIR format are a Binary resource, and not content that happens to have that format.</summary>
    public static bool IsResource(ReadOnlyMemory<byte> body, string mediaType)
    {
        try
        {
            if (mediaType.Contains("xml", StringComparison.Ordinal))
            {
                using var xml = SafeXml.Read(body, FhirJsonParse.MaxDepth);
                return xml.MoveToContent() == XmlNodeType.Element && xml is { LocalName: "Binary", NamespaceURI: "http://hl7.org/fhir" };
            }

            var json = new Utf8JsonReader(body.Span);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isType = json.ValueTextEquals("resourceType"u8);
                json.Read();
                if (isType)
                    return json.TokenType == JsonTokenType.String && json.ValueTextEquals("Binary"u8);
                json.Skip();
            }

            return false;
        }
        catch (Exception e) when (e is JsonException or XmlException)
        {
            return false;
        }
    }

    /// <summary>Stores what the request carries, from memory where it was read already.</summary>
    public async Task<FhirReply> UploadAsync(HttpContext http, FhirRequest request, ReadOnlyMemory<byte>? read, CancellationToken ct)
    {
        if (request.IsReadOnly)
            return FhirReply.Refuse(FhirFault.OnlyReads());
        if (interactions.Refusal(request) is { } refusal)
            return FhirReply.Refuse(refusal); // before anything is stored ahead
        if (string.IsNullOrEmpty(http.Request.ContentType))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.UnsupportedMediaType, "Content uploaded to Binary needs a Content-Type: it is given back with it."));
        if (http.Request.ContentLength > BinaryIntake.MaxBytes)
            return FhirReply.Refuse(BinaryIntake.TooLarge());
        if (bodies.Decoded(http.Request, out var fault) is not { } stream)
            return FhirReply.Refuse(fault!);

        await using var source = read is { } bytes ? new HeadedStream(bytes, Stream.Null) : stream;
        ResourceKey? key = request.Target.Id is null ? null : request.Target.Key;
        var context = http.Request.Headers["X-Security-Context"] is [{ Length: > 0 } given] ? given : null;
        (var body, var ahead, fault) = await intake.TakeRawAsync(source, key, http.Request.ContentType, context, request.Caller.Access, ct);
        if (fault is not null)
            return FhirReply.Refuse(fault);

        (var repeat, fault) = Key(http, request, body, ahead);
        if (fault is not null)
        {
            await intake.AbandonAsync(ahead);
            return FhirReply.Refuse(fault);
        }

        var prefer = request.Prefer.Return is null ? request.Prefer with { Return = "minimal" } : request.Prefer; // nobody wants back what they just sent, in base64
        var reply = await interactions.HandleAsync(request with { Body = body, Prefer = prefer, Idempotency = repeat }, ct);
        if (reply.Status is not (200 or 201) || reply.Headers.Any(h => h.Name == Repeats.ReplayedHeader))
            await intake.AbandonAsync(ahead);
        return reply;
    }

    /// <summary>The name of a request that may be repeated; what was stored ahead counts by its digest, for each upload has a place of its own.</summary>
    private static (IdempotencyKey? Key, FhirFault? Fault) Key(HttpContext http, FhirRequest request, FhirNode body, ContentPointer? ahead)
    {
        if (http.Request.Headers[IdempotencyKey.Header] is not [{ } name])
            return (null, null);
        var sent = Encoding.UTF8.GetString(body.Raw);
        if (ahead is not null)
            sent = sent.Replace(ahead.Text, ahead.Digest, StringComparison.Ordinal);
        return IdempotencyKey.Read(request, name, request.Target.ToPath(), http.Request.ContentType, Encoding.UTF8.GetBytes(sent));
    }

    /// <summary>Whether this answer is a Binary whose bytes the client wants, and not the resource. The fault: it wants neither.</summary>
    public static bool IsWanted(HttpContext http, FhirRequest request, FhirReply reply, out FhirFault? fault)
    {
        fault = null;
        if (!MayBeWanted(request) || reply.Status != 200 || reply.Json.IsEmpty)
            return false;

        var ranges = MediaRange.Parse(http.Request.Headers.Accept);
        var mediaType = RequestBody.MediaType(Find(reply.Json.Span).ContentType);
        if (ranges.Count == 0)
            return true;
        var raw = Math.Max(MediaRange.QualityOf(ranges, mediaType), ranges.Where(r => r.MediaType == "application/octet-stream").Select(r => r.Quality).DefaultIfEmpty(0).Max());
        var resource = ranges.Where(r => IsResourceFormat(r.MediaType)).Select(r => r.Quality).DefaultIfEmpty(0).Max();
        if (raw == 0 && resource == 0)
            fault = FhirFault.Of(FaultKind.NotAcceptable, $"This Binary is {mediaType}; ask for that, or for application/fhir+json or application/fhir+xml to get it inside a resource.");
        return raw > 0 && raw >= resource;
    }

    public static bool MayBeWanted(FhirRequest request) =>
        request is { Method: "GET", Target: { Type: "Binary", Id: not null, Operation: null } target }
        && (!target.IsHistory || target.Version is not null) && !request.Query.Any(p => p.Key == "_format");

    /// <summary>Writes the content itself: all of it, or the one range asked for.</summary>
    public async Task WriteAsync(HttpContext http, FhirRequest request, FhirReply reply)
    {
        var response = http.Response;
        var ct = http.RequestAborted;
        var (contentType, inline) = Find(reply.Json.Span);
        var pointer = ContentPointer.Find(reply.Json.Span, out _, out _);
        var size = pointer?.Size ?? inline.Length;
        writer.WriteHead(http, reply);
        SecurityHeaders.ApplyToUpload(response);
        response.ContentType = contentType;
        response.Headers.AcceptRanges = "bytes";
        if (Find(reply.Json.Span).Context is { } context)
            response.Headers["X-Security-Context"] = context;

        // A weak tag names a version, not bytes, so If-Range can hold by date only (RFC 9110 §13.1.5).
        var isSame = http.Request.Headers.IfRange is not [{ } ifRange]
            || (HeaderUtilities.TryParseDate(ifRange, out var date) && reply.LastModified is { } modified && date.ToUnixTimeSeconds() == modified.ToUnixTimeSeconds());
        var range = isSame ? ByteRange.Parse(http.Request.Headers.Range, size, out var isUnsatisfiable) : ByteRange.Parse(null, size, out isUnsatisfiable);
        if (isUnsatisfiable)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
            response.Headers.Remove(HeaderNames.ContentDisposition);
            await writer.WriteAsync(http, FhirReply.Refuse(FhirFault.Of(FaultKind.RangeNotSatisfiable, $"The content has {size} bytes: the range asked for lies behind its end.")), ResponseFormat.Json, request.Caller.Access);
            return;
        }

        var (from, to) = range ?? new(0, size);
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to - 1}/{size}");
        }

        response.ContentLength = to - from;
        if (http.Request.Method == "HEAD")
            return;
        if (pointer is null)
        {
            await response.Body.WriteAsync(inline.AsMemory((int)from, (int)(to - from)), ct);
            return;
        }

        await foreach (var piece in contents.ReadAsync(pointer, from, to, request.Caller.Access, ct))
            await response.Body.WriteAsync(piece, ct);
    }

    /// <summary>Media type, content where it stands in the resource, and security context of a Binary as stored.</summary>
    private static BinaryParts Find(ReadOnlySpan<byte> binary)
    {
        var (type, data, context) = ("application/octet-stream", Array.Empty<byte>(), (string?)null);
        var json = new Utf8JsonReader(binary);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("contentType"u8) && json.Read())
                type = json.GetString()!;
            else if (json.ValueTextEquals("data"u8) && json.Read())
                data = Decode(json.GetString()!);
            else if (json.ValueTextEquals("securityContext"u8))
                context = Reference(ref json);
            else
                json.Skip();
        }

        return new(type, data, context);
    }

    private static string? Reference(ref Utf8JsonReader json)
    {
        string? reference = null;
        json.Read();
        var depth = json.CurrentDepth;
        while (json.Read() && json.CurrentDepth > depth)
            if (json.CurrentDepth == depth + 1 && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("reference"u8) && json.Read())
                reference = json.GetString();
        return reference;
    }

    private static byte[] Decode(string base64) => Convert.FromBase64String(base64);

    private readonly record struct BinaryParts(string ContentType, byte[] Content, string? Context)
    {
        public void Deconstruct(out string contentType, out byte[] content) => (contentType, content) = (ContentType, Content);
    }
}
