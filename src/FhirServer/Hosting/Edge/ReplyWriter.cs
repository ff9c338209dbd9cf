using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Writes a <see cref="FhirReply"/> as status, headers and body.</summary>
/// <remarks>
/// JSON goes out in the parts it lies in. XML and indented JSON are made from the whole, which therefore has a limit; the contents of Binaries
/// are never part of that whole and follow in their places.
/// </remarks>
internal sealed class ReplyWriter(ServerAddress address, ContentStore contents, IOptions<EdgeOptions> options)
{
    /// <summary>Below this an answer fits into a few packets anyway.</summary>
    private const int CompressFrom = 4 * 1024;

    private static ReadOnlySpan<byte> OutcomeStart => "{\"resourceType\":\"OperationOutcome\""u8;

    public async Task WriteAsync(HttpContext http, FhirReply reply, ResponseFormat format, AccessPlan access)
    {
        WriteHead(http, reply);
        if (reply.Status is 204 or 304)
            return;
        if (!format.IsPlain && reply.More is not null)
            reply = await reply.WholeAsync();

        var body = reply.Body ?? ReplyBody.Of(reply.Json);
        if (body.Length == 0 && reply.More is null)
        {
            http.Response.ContentLength = 0;
            return;
        }

        var ct = http.RequestAborted;
        if (reply.Fault is not null)
            body = WithId(body, RequestId.Of(http));
        if (reply.ContentType is not null)
            format = ResponseFormat.Json; // no resource: it goes out as it is
        if (!format.IsPlain)
        {
            if (Converted(body, format) is { } converted)
                body = converted;
            else if (reply.More is not null || http.Request.Method is not ("GET" or "HEAD"))
                format = ResponseFormat.Json; // the work is done: an answer in another format is better than none
            else
            {
                await WriteAsync(http, FhirReply.Refuse(FhirFault.Of(FaultKind.TooCostly,
                    $"The answer is larger than the {options.Value.ConvertedBytes / (1024 * 1024)} MiB that are turned into XML or indented. Ask for plain JSON, or for fewer with _count.")), ResponseFormat.Json, access);
                return;
            }
        }

        http.Response.ContentType = reply.ContentType ?? format.ContentType;
        var more = format.IsPlain ? reply.More : null;
        var encoding = more is not null || body.Length >= CompressFrom ? Encoding(http) : null;
        if (encoding is null && more is null)
            http.Response.ContentLength = body.Length;
        if (http.Request.Method == "HEAD")
            return;

        if (encoding is null)
        {
            await WriteAsync(http.Response.Body, body, more, access, ct);
            return;
        }

        http.Response.Headers.ContentEncoding = encoding;
        await using Stream compressed = encoding == "br"
            ? new BrotliStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await WriteAsync(compressed, body, more, access, ct);
    }

    /// <summary>Status and the headers that say which resource this is.</summary>
    public void WriteHead(HttpContext http, FhirReply reply)
    {
        var response = http.Response;
        response.StatusCode = reply.Status;
        if (reply.Version is { } version)
            response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"W/\"{version}\"");
        if (reply.LastModified is { } modified)
            response.Headers.LastModified = HeaderUtilities.FormatDate(modified);
        if (reply.Location is { } location)
            response.Headers[reply.Status == 201 ? HeaderNames.Location : HeaderNames.ContentLocation] = $"{address.BaseUrl(http.Request)}/{location}";
        foreach (var (name, value) in reply.Headers)
            response.Headers[name] = value;
        if (reply.Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer";
        if (reply.Status is 503 or 429 || (reply.Status == 409 && reply.Fault?.Issues[0].Code == "lock-error"))
            response.Headers.RetryAfter = RetryAfter(reply.Fault);
    }

    private static string RetryAfter(FhirFault? fault) => fault?.RetryAfter is { } wait ? RateLimits.Seconds(wait) : fault?.Kind == FaultKind.TooManyRequests ? "5" : "1";

    private async Task WriteAsync(Stream output, ReplyBody body, IAsyncEnumerable<ReplyBody>? more, AccessPlan access, CancellationToken ct)
    {
        await WriteAsync(output, body, access, ct);
        if (more is null)
            return;
        await foreach (var next in more)
            await WriteAsync(output, next, access, ct);
    }

    private async Task WriteAsync(Stream output, ReplyBody body, AccessPlan access, CancellationToken ct)
    {
        foreach (var (bytes, content) in body.Parts)
        {
            if (content is null)
            {
                await output.WriteAsync(bytes, ct);
                continue;
            }

            using var base64 = new Base64Writer(output);
            await foreach (var piece in contents.ReadAsync(content, 0, content.Size, access, ct))
                await base64.WriteAsync(piece, ct);
            await base64.FinishAsync(ct);
        }
    }

    /// <summary>In the wanted format; null when it is too large. Contents are represented by marks, and cut in again where the marks come out.</summary>
    private ReplyBody? Converted(ReplyBody body, ResponseFormat format)
    {
        if (body.Parts.Sum(p => (long)p.Bytes.Length) > options.Value.ConvertedBytes)
            return null;

        var marks = new List<(byte[] Mark, ContentPointer Content)>();
        var json = body.Join(content =>
        {
            var mark = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)));
            marks.Add((mark, content));
            return mark;
        });
        var written = format.Write(json);
        var converted = new ReplyBody();
        foreach (var (mark, content) in marks)
        {
            var at = written.Span.IndexOf(mark);
            if (at < 0)
                continue; // not part of what was asked for
            converted.Add(written[..at]);
            converted.AddContent(content);
            written = written[(at + mark.Length)..];
        }

        converted.Add(written);
        return converted;
    }

    /// <summary>The outcome's id is the request's: what the operator needs to find it in the log.</summary>
    private static ReplyBody WithId(ReplyBody body, string id)
    {
        if (body.Parts is not [{ Content: null } only] || !only.Bytes.Span.StartsWith(OutcomeStart))
            return body;
        var named = new ReplyBody();
        named.Add((byte[])[.. OutcomeStart, .. ",\"id\":\""u8, .. System.Text.Encoding.ASCII.GetBytes(id), (byte)'"', .. only.Bytes.Span[OutcomeStart.Length..]]);
        return named;
    }

    private static string? Encoding(HttpContext http)
    {
        var accepted = http.Request.Headers.AcceptEncoding;
        if (accepted.Count == 0)
            return null;

        http.Response.Headers.Append("Vary", "Accept-Encoding");
        var ranges = MediaRange.Parse(accepted);
        var (br, gzip) = (Quality(ranges, "br"), Quality(ranges, "gzip"));
        return br > 0 && br >= gzip ? "br" : gzip > 0 ? "gzip" : null;
    }

    private static double Quality(IReadOnlyList<MediaRange> codings, string coding)
    {
        var any = 0.0;
        foreach (var range in codings)
            if (range.MediaType == coding)
                return range.Quality;
            else if (range.MediaType == "*")
                any = range.Quality;
        return any;
    }
}
