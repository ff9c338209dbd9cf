using System.Text;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage.Space;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>HTTP at both ends of an interaction: request → <see cref="FhirRequest"/>, <see cref="FhirReply"/> → status, headers, body.</summary>
/// <remarks>https://hl7.org/fhir/R4/http.html. HEAD is GET whose body is not sent; limits and admission come before any work.</remarks>
internal sealed class FhirEndpoint(
    FhirInteractions interactions, ServerAddress address, RequestGate gate, Admission admission, RateLimits rates, UserTurns turns, BodyReader bodies, RawBinary binaries,
    AnswersInFlight answers, FreeSpace space, ReplyWriter writer, CrossOrigin origins, ICallers callers, RequestLog log, RefusalAudit refusals, IOptions<EdgeOptions> options)
{
    public const string BasePath = "/fhir";

    private readonly EdgeOptions limits = options.Value;

    /// <summary>Whether the address is of the FHIR API: all below its base, but for what says how to sign in to it.</summary>
    public static bool Takes(PathString path) =>
        path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase, out var rest) && !rest.StartsWithSegments(SmartPaths.SmartConfiguration, StringComparison.OrdinalIgnoreCase);

    public async Task HandleAsync(HttpContext http)
    {
        var watch = log.Begin();
        var query = QueryString.Parse(http.Request.QueryString.Value);
        var (format, notAcceptable) = ResponseFormat.Choose(http.Request, query);
        var method = http.Request.Method == "HEAD" ? "GET" : http.Request.Method;
        var path = http.Request.Path.Value![BasePath.Length..].Trim('/');
        var target = FhirTarget.Parse(path, out var fault);
        await origins.ApplyAsync(http);

        fault = Gate(http, query, target) ?? fault;
        if (fault is null && http.Request.Method == "OPTIONS")
        {
            Options(http, target);
            return;
        }

        if (fault is not null || target is null)
        {
            await RefuseAsync(http, fault!, format);
            log.End(watch, method, target, query, http.Response.StatusCode);
            return;
        }

        var (caller, unknown) = await callers.OfAsync(http, http.RequestAborted);
        unknown = rates.CallerFault(caller, http.Connection.RemoteIpAddress) ?? unknown ?? StrangerFault(http, caller, target);
        if (unknown is not null)
        {
            await RefuseAsync(http, unknown, format);
            log.End(watch, method, target, query, http.Response.StatusCode);
            return;
        }

        var request = Read(http, refusals.Follow(http, caller), method, target, query);
        if (notAcceptable is not null && target.File is null && !RawBinary.MayBeWanted(request) && !PaperFormat.MayBeWanted(request) && !DocumentFormat.MayBeWanted(request))
        {
            await RefuseAsync(http, notAcceptable, ResponseFormat.Json);
            log.End(watch, method, target, query, http.Response.StatusCode);
            return;
        }

        try
        {
            await TakeTurnAsync(http, request, format);
        }
        finally
        {
            log.End(watch, method, target, query, http.Response.StatusCode);
        }
    }

    private FhirFault? Gate(HttpContext http, IReadOnlyList<KeyValuePair<string, string>> query, FhirTarget? target)
    {
        if (gate.Fault(http, query) is { } fault)
            return fault;
        if (!AllowedMethods.IsKnown(http.Request.Method))
            return FhirFault.Of(FaultKind.MethodNotAllowed, $"This server knows no method '{(http.Request.Method.Length > 20 ? http.Request.Method[..20] : http.Request.Method)}': {AllowedMethods.At(target)} are taken here.");
        return rates.AddressFault(http.Connection.RemoteIpAddress);
    }

    /// <summary>Whoever has not signed in may read what this server is, and nothing else: the one place where that is said.</summary>
    private static FhirFault? StrangerFault(HttpContext http, Caller caller, FhirTarget target)
    {
        if (!ReferenceEquals(caller, Caller.Anonymous) || target.IsMetadata)
            return null;
        BearerCallers.Challenge(http);
        return FhirFault.Of(FaultKind.Unauthorized, "Sign in first: send an access token in the header Authorization. Where to get one is at /.well-known/smart-configuration.");
    }

    /// <summary>One user's requests wait for each other before any of them takes memory or a place.</summary>
    private async Task TakeTurnAsync(HttpContext http, FhirRequest request, ResponseFormat format)
    {
        var (turn, busy) = await turns.EnterAsync(request.Caller, http.RequestAborted);
        if (busy is not null)
        {
            await RefuseAsync(http, busy, format);
            return;
        }

        try
        {
            await RunAsync(http, request, format);
        }
        finally
        {
            turn?.Leave();
        }
    }

    /// <summary>Reads the body, waits for a place, works, and writes; the place is held until the last byte is out.</summary>
    private async Task RunAsync(HttpContext http, FhirRequest request, ResponseFormat format)
    {
        using var bytes = await BodyAsync(http, request);
        if (bytes?.Fault is { } unread)
        {
            await RefuseAsync(http, unread, format);
            return;
        }

        var isUpload = RawBinary.MayBeUpload(request) && IsUpload(http, bytes);
        (request, var refused) = isUpload || bytes is null ? (request, null) : Parse(http, request, bytes.Bytes);
        if (refused is not null)
        {
            await RefuseAsync(http, refused, format);
            return;
        }

        var load = isUpload && bytes is null ? Load.Upload : Admission.LoadOf(request, bytes?.Bytes.Length ?? 0);
        var (place, full) = await admission.EnterAsync(load, http.Connection.RemoteIpAddress, http.RequestAborted);
        if (full is not null)
        {
            await RefuseAsync(http, full, format);
            return;
        }

        using (place)
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted))
        {
            if (load != Load.Upload) // an upload is as slow as its sender; Kestrel ends those that are too slow
                deadline.CancelAfter(load == Load.Heavy ? limits.HeavyRequestTime : limits.RequestTime);
            FhirReply reply;
            try
            {
                reply = isUpload ? await binaries.UploadAsync(http, request, bytes?.Bytes, deadline.Token) : await interactions.HandleAsync(request, deadline.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
            {
                reply = FhirReply.Refuse(FhirFault.Of(FaultKind.Timeout, "The request took longer than it may and was given up. Ask for less at once."));
            }

            using var held = answers.Take(request, reply);
            await WriteAsync(http, request, held is null ? FhirReply.Refuse(AnswersInFlight.Fault()) : reply, format);
        }
    }

    private async Task WriteAsync(HttpContext http, FhirRequest request, FhirReply reply, ResponseFormat format)
    {
        if (RawBinary.IsWanted(http, request, reply, out var fault))
            await binaries.WriteAsync(http, request, reply);
        else if (fault is not null)
            await RefuseAsync(http, fault, ResponseFormat.Json);
        else
        {
            if (reply.Status == 405)
                http.Response.Headers.Allow = AllowedMethods.At(request.Target);
            await writer.WriteAsync(http, reply, format, request.Caller.Access);
        }
    }

    private FhirRequest Read(HttpContext http, Caller caller, string method, FhirTarget target, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var headers = http.Request.Headers;
        return new FhirRequest(method, target, caller)
        {
            Query = query,
            Headers = new(Header(headers.IfMatch), Header(headers.IfNoneMatch), Date(headers.IfModifiedSince), Header(headers["If-None-Exist"])),
            Prefer = Preference.Parse(headers["Prefer"]),
            Accept = Header(headers.Accept),
            Cascade = Header(headers["X-Cascade"]),
            IsReadOnly = method is not "GET" && space.IsReadOnly,
            BaseUrl = address.BaseUrl(http.Request),
        };
    }

    /// <summary>Null when there is none to read here: no body, or content that is stored as it comes.</summary>
    private async Task<RequestBytes?> BodyAsync(HttpContext http, FhirRequest request)
    {
        if (request.Method is "GET" or "DELETE")
            return null;
        var isBinary = RawBinary.MayBeUpload(request);
        if (isBinary && !RawBinary.IsResourceFormat(RequestBody.MediaType(http.Request.ContentType)))
            return null;
        var limit = request.Target is { Type: null, Operation: null } or { Type: "Bundle", Operation: null or "validate" } or { Operation: DocumentFormat.Import } || isBinary || IsImport(request) ? BundleLimits.MaxBytes : limits.ResourceBytes;
        return await bodies.ReadAsync(http.Request, limit, http.RequestAborted);
    }

    /// <summary>It comes with a manifest, or with the records themselves.</summary>
    private static bool IsImport(FhirRequest request) => request.Target is { Type: null, Id: null, Operation: "import" };

    private static bool IsUpload(HttpContext http, RequestBytes? bytes) =>
        bytes is null || (!bytes.Bytes.IsEmpty && !RawBinary.IsResource(bytes.Bytes, RequestBody.MediaType(http.Request.ContentType)));

    private (FhirRequest Request, FhirFault? Fault) Parse(HttpContext http, FhirRequest request, ReadOnlyMemory<byte> body)
    {
        var (key, badKey) = IdempotencyKey.Read(
            request, Header(http.Request.Headers[IdempotencyKey.Header]), http.Request.Path.Value![BasePath.Length..].Trim('/'), http.Request.ContentType, body.Span);
        if (badKey is not null)
            return (request, badKey);
        request = request with { Idempotency = key };
        if ((request.Target.Operation == "graphql" && RequestBody.MediaType(http.Request.ContentType) != "application/x-www-form-urlencoded") || IsImport(request))
            return (request with { Content = body, ContentType = http.Request.ContentType }, null); // its body is no resource
        if (DocumentFormat.IsDocument(request, http.Request.ContentType, body.Span))
            return (request with { Content = body, ContentType = http.Request.ContentType }, null); // nor is a CDA document, or a package of them
        if (RequestBody.MediaType(http.Request.ContentType) == "application/x-www-form-urlencoded")
        {
            // search by POST: the form's parameters join those of the address (search.html#Introduction)
            var all = (IReadOnlyList<KeyValuePair<string, string>>)[.. request.Query, .. QueryString.Parse(Encoding.UTF8.GetString(body.Span))];
            return (request with { Query = all }, RequestBody.CharsetFault(http.Request.ContentType) ?? gate.ParameterFault(all));
        }

        if (request.Method == "PATCH")
        {
            var mediaType = RequestBody.MediaType(http.Request.ContentType);
            if (PatchFormat.Refusal(mediaType) is { } unknown)
                return (request, unknown);
            if (mediaType == PatchFormat.JsonPatch)
                return (request with { Content = body }, RequestBody.CharsetFault(http.Request.ContentType));
        }

        if (body.IsEmpty)
            return (request, null);
        if (request.Target.Operation == "validate") // what is wrong with the body is the answer, not a reason to refuse it
            return RequestBody.ToJson(body, http.Request.ContentType, out var json) is { } unusable ? (request, unusable) : (request with { Content = json }, null);
        if (RequestBody.Read(body, http.Request.ContentType, out var resource) is not { } unreadable)
            return (request with { Body = resource }, null);
        return request is { Method: "POST", Target: { Type: null, Operation: null, IsSearch: false }, Prefer.Async: false }
            && RequestBody.ToJson(body, http.Request.ContentType, out var sent) is null && BatchEntries.Read(sent, out var batch) is { } faults
            ? (request with { Body = batch, EntryFaults = faults }, null)
            : (request, unreadable);
    }

    private async Task RefuseAsync(HttpContext http, FhirFault fault, ResponseFormat format)
    {
        await refusals.AuditAsync(http, fault);
        if (fault.Kind == FaultKind.MethodNotAllowed)
            http.Response.Headers.Allow = AllowedMethods.At(FhirTarget.Parse(http.Request.Path.Value![BasePath.Length..].Trim('/'), out _));
        await writer.WriteAsync(http, FhirReply.Refuse(fault), format, AccessPlan.Nothing);
    }

    private static void Options(HttpContext http, FhirTarget? target)
    {
        var methods = AllowedMethods.At(target);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.Headers.Allow = methods;
        if (target?.Type is not null && target.IsSearch is false)
            http.Response.Headers["Accept-Patch"] = "application/json-patch+json, application/fhir+json, application/fhir+xml";
        if (CrossOrigin.IsPreflight(http.Request))
            CrossOrigin.Preflight(http, methods);
    }

    private static string? Header(StringValues values) => values.Count == 0 ? null : values.ToString();

    private static DateTimeOffset? Date(StringValues values) =>
        values.Count > 0 && HeaderUtilities.TryParseDate(values.ToString(), out var date) ? date : null;
}
