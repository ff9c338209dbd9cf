using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Receiving;
using FhirEmr.FhirServer.Hl7V2.Syntax;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting;

/// <summary><c>POST /hl7v2</c>: one message by HTTP, answered with its acknowledgement.</summary>
/// <remarks>
/// 200 with AA, 422 with AE, 400 with AR, 503 when the same message may be sent again, 204 when the message asks for no answer. What is refused before the message is
/// looked at is an OperationOutcome. The control id (MSH-10) is what an Idempotency-Key is elsewhere: the same message again gets the same answer.
/// </remarks>
internal sealed class Hl7V2Endpoint(Reception reception, SenderBook senders, MessageLimits limits, CountedCallers callers, RefusalAudit refusals, BodyReader bodies, UserTurns turns, Admission admission)
{
    public const string Path = "/hl7v2";

    /// <summary>The right that sending messages over HTTP needs, beside those to what they make.</summary>
    public const string Right = "operation:hl7v2";

    private const string MediaType = "application/hl7-v2";

    public static void Map(WebApplication app) => app.MapPost(Path, (HttpContext http, Hl7V2Endpoint endpoint) => endpoint.HandleAsync(http)).ExcludeFromDescription();

    private async Task<IResult> HandleAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        var ct = http.RequestAborted;
        var (caller, fault) = await callers.OfAsync(http, ct);
        if (fault is null && caller.Principal is null && !caller.Access.IsEverything)
        {
            BearerCallers.Challenge(http);
            fault = FhirFault.Of(FaultKind.Unauthorized, "Sign in first: send an access token in the header Authorization.");
        }

        fault ??= caller.Access.Holds(Right) ? null : FhirFault.Of(FaultKind.Forbidden, $"Sending HL7 v2 messages needs the right {Right}, and a token with the scope fhiremr/rights.");
        var charset = Charset(http.Request.ContentType, out var unread);
        if ((fault ?? unread) is { } refused)
            return await RefuseAsync(http, refused);

        var (turn, busy) = await turns.EnterAsync(caller, ct);
        if (busy is not null)
            return await RefuseAsync(http, busy);
        try
        {
            using var body = await bodies.ReadAsync(http.Request, limits.Bytes + 1, ct);
            if (body.Fault is { } unreadable)
                return await RefuseAsync(http, unreadable);
            var (place, full) = await admission.EnterAsync(Load.Write, http.Connection.RemoteIpAddress, ct);
            if (full is not null)
                return await RefuseAsync(http, full);
            using (place)
            {
                var sender = senders.OfClient(caller.Principal?.ClientId ?? caller.Name);
                if (charset is not null)
                    sender = sender with { Charset = charset };
                // Not given up when the client goes: what it sent is stored, and the same message again gets the answer.
                return Answer(await reception.ReceiveAsync(body.Bytes, sender, refusals.Follow(http, caller), null, CancellationToken.None));
            }
        }
        finally
        {
            turn?.Leave();
        }
    }

    private static IResult Answer(Received received)
    {
        var frames = Acknowledgement.Frames(received.Header, received.Code, received.Answer);
        if (frames.Count == 0)
            return Results.NoContent();
        var status = received switch
        {
            { IsTransient: true } => 503,
            { Code: Acknowledgement.Accepted } => 200,
            { Code: Acknowledgement.InError } => 422,
            _ => 400,
        };
        // A client has one answer: where both were asked for, that of the application says all that the other does.
        return new Bytes(frames[^1], status);
    }

    /// <summary>The character set that Content-Type names, for messages whose MSH-18 names none.</summary>
    private static global::System.Text.Encoding? Charset(string? contentType, out FhirFault? fault)
    {
        fault = null;
        if (RequestBody.MediaType(contentType) is not ("text/plain" or MediaType or "application/hl7-v2+er7" or "x-application/hl7-v2+er7"))
        {
            fault = FhirFault.Of(FaultKind.UnsupportedMediaType, $"Send the message as {MediaType} or text/plain.");
            return null;
        }

        var name = global::System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.CharSet?.Trim('"') : null;
        if (name is null)
            return null;
        var charset = Charsets.Find(name);
        if (charset is null)
            fault = FhirFault.Of(FaultKind.UnsupportedMediaType, "The character set of the Content-Type is not read here; utf-8, us-ascii, iso-8859-1 and windows-1252 are.");
        return charset;
    }

    private async Task<IResult> RefuseAsync(HttpContext http, FhirFault fault)
    {
        await refusals.AuditAsync(http, fault);
        if (fault.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = RateLimits.Seconds(wait);
        return Results.Text(global::System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(fault.ToOutcome())), FhirFormats.JsonMediaType, statusCode: fault.Status);
    }

    private sealed class Bytes(byte[] content, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = $"{MediaType}; charset=utf-8";
            if (status == 503)
                httpContext.Response.Headers.RetryAfter = "5";
            httpContext.Response.ContentLength = content.Length;
            await httpContext.Response.Body.WriteAsync(content, httpContext.RequestAborted);
        }
    }
}
