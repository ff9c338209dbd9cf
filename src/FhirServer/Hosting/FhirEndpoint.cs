using System.Buffers;
using System.Globalization;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>HTTP at both ends of an interaction: request → <see cref="FhirRequest"/>, <see cref="FhirReply"/> → status, headers, body.</summary>
/// <remarks>https://hl7.org/fhir/R4/http.html.</remarks>
internal sealed class FhirEndpoint(FhirInteractions interactions, ServerAddress address)
{
    public const string BasePath = "/fhir";

    public async Task HandleAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        var query = QueryString.Parse(http.Request.QueryString.Value);
        var (format, refused) = ResponseFormat.Choose(http.Request, query);
        if (refused is not null)
        {
            await WriteAsync(http, FhirReply.Refuse(refused), ResponseFormat.Json, ct);
            return;
        }

        FhirReply reply;
        try
        {
            reply = await ReplyAsync(http, query, ct);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            reply = TooLarge();
        }

        await WriteAsync(http, reply, format, ct);
    }

    private async Task<FhirReply> ReplyAsync(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken ct)
    {
        var path = http.Request.Path.Value![BasePath.Length..].Trim('/');
        if (FhirTarget.Parse(path, out var fault) is not { } target)
            return FhirReply.Refuse(fault!);

        var headers = http.Request.Headers;
        var request = new FhirRequest(http.Request.Method, target, Caller.Anonymous)
        {
            Query = query,
            Headers = new(Header(headers.IfMatch), Header(headers.IfNoneMatch), Date(headers.IfModifiedSince), Header(headers["If-None-Exist"])),
            Prefer = Preference.Parse(headers["Prefer"]),
            Cascade = Header(headers["X-Cascade"]),
            BaseUrl = address.BaseUrl(http.Request),
        };

        if (http.Request.Method is "GET" or "HEAD" or "DELETE")
            return await interactions.HandleAsync(request, ct);
        if (http.Request.ContentLength > BundleLimits.MaxBytes)
            return TooLarge();

        var body = await ReadBodyAsync(http, ct);
        var (key, badKey) = IdempotencyKey.Read(request, Header(headers[IdempotencyKey.Header]), path, http.Request.ContentType, body.Span);
        if (badKey is not null)
            return FhirReply.Refuse(badKey);
        request = request with { Idempotency = key };
        if (RequestBody.MediaType(http.Request.ContentType) == "application/x-www-form-urlencoded")
        {
            // search by POST: the form's parameters join those of the address (search.html#Introduction)
            var form = QueryString.Parse(System.Text.Encoding.UTF8.GetString(body.Span));
            return await interactions.HandleAsync(request with { Query = [.. query, .. form] }, ct);
        }

        if (http.Request.Method == "PATCH")
        {
            var mediaType = RequestBody.MediaType(http.Request.ContentType);
            if (PatchFormat.Refusal(mediaType) is { } unknown)
                return FhirReply.Refuse(unknown);
            if (mediaType == PatchFormat.JsonPatch)
                return await interactions.HandleAsync(request with { Content = body }, ct);
        }

        if (body.Length > 0)
        {
            if (RequestBody.Read(body, http.Request.ContentType, out var resource) is { } unreadable)
                return FhirReply.Refuse(unreadable);
            request = request with { Body = resource };
        }

        return await interactions.HandleAsync(request, ct);
    }

    private static FhirReply TooLarge() => FhirReply.Refuse(FhirFault.Of(FaultKind.TooLarge,
        $"The body is larger than {BundleLimits.MaxBytes / (1024 * 1024)} MiB. Split it into several requests."));

    // The tree keeps views on these bytes while the request lives, so they are one array of its own.
    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext http, CancellationToken ct)
    {
        if (http.Request.ContentLength is { } length)
        {
            var exact = GC.AllocateUninitializedArray<byte>((int)length);
            var read = await http.Request.Body.ReadAtLeastAsync(exact, exact.Length, throwOnEndOfStream: false, ct);
            return exact.AsMemory(0, read);
        }

        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer, ct);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private async Task WriteAsync(HttpContext http, FhirReply reply, ResponseFormat format, CancellationToken ct)
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
        if (reply.Status == 503 || (reply.Status == 409 && reply.Fault?.Issues[0].Code == "lock-error"))
            response.Headers.RetryAfter = "1";
        if (reply.Json.IsEmpty || reply.Status is 204 or 304)
            return;

        var body = format.Write(reply.Json);
        response.ContentType = format.ContentType;
        response.ContentLength = body.Length;
        if (http.Request.Method != "HEAD")
            await response.Body.WriteAsync(body, ct);
    }

    private static string? Header(StringValues values) => values.Count == 0 ? null : values.ToString();

    private static DateTimeOffset? Date(StringValues values) =>
        values.Count > 0 && HeaderUtilities.TryParseDate(values.ToString(), out var date) ? date : null;
}
