using System.Text.Json.Nodes;
using FhirEmr.FhirServer.CdsHooks;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage.Space;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.CdsHooks;

/// <summary>CDS Hooks 2.0 over HTTP: <c>GET /cds-services</c>, <c>POST /cds-services/{id}</c>, <c>POST /cds-services/{id}/feedback</c>.</summary>
/// <remarks>Refusals are OperationOutcomes, as everywhere here; statuses are those the specification names: 400, 401, 403, 404, 412.</remarks>
internal sealed class CdsEndpoints(
    CdsServices services, CdsAnswers answers, CdsCallers callers, FhirInteractions interactions, BodyReader bodies, Admission admission, UserTurns turns, RefusalAudit refusals, CrossOrigin origins,
    FreeSpace space, IServerIdentity server, IOptions<EdgeOptions> limits)
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void Map(WebApplication app)
    {
        var endpoints = app.Services.GetRequiredService<CdsEndpoints>();
        app.MapGet(CdsPaths.Services, endpoints.DiscoverAsync).ExcludeFromDescription();
        app.MapMethods(CdsPaths.Services + "/{id}", ["POST", "OPTIONS"], (string id, HttpContext http) => endpoints.RunAsync(http, id, endpoints.AnswerAsync)).ExcludeFromDescription();
        app.MapMethods(CdsPaths.Services + "/{id}/feedback", ["POST", "OPTIONS"], (string id, HttpContext http) => endpoints.RunAsync(http, id, endpoints.KeepAsync)).ExcludeFromDescription();
    }

    /// <summary>Anyone may see what is offered; pages of any origin, too, which the public documents' own step answers (SmartEndpoints).</summary>
    private Task DiscoverAsync(HttpContext http) => WriteAsync(http, services.Discovery());

    private async Task RunAsync(HttpContext http, string id, Func<HttpContext, CdsService, Caller, bool, ReadOnlyMemory<byte>, CancellationToken, Task<FhirFault?>> run)
    {
        await origins.ApplyAsync(http);
        if (http.Request.Method == "OPTIONS")
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            CrossOrigin.Preflight(http, "POST");
            return;
        }

        var ct = http.RequestAborted;
        var (caller, isClient, fault) = await callers.OfAsync(http, ct);
        if (fault is null && services.Find(id) is null)
            fault = FhirFault.Of(FaultKind.NotFound, $"There is no such service; GET {CdsPaths.Services} lists those there are.");
        if (fault is null && http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            fault = FhirFault.Of(FaultKind.UnsupportedMediaType, "The body must be application/json.");
        if (fault is not null)
        {
            await RefuseAsync(http, fault);
            return;
        }

        var (turn, busy) = await turns.EnterAsync(caller, ct);
        try
        {
            if ((busy ?? await PlacedAsync(http, services.Find(id)!, caller, isClient, run)) is { } refused)
                await RefuseAsync(http, refused);
        }
        finally
        {
            turn?.Leave();
        }
    }

    /// <summary>Reads the body, waits for a place, and works for as long as a request may.</summary>
    private async Task<FhirFault?> PlacedAsync(HttpContext http, CdsService service, Caller caller, bool isClient, Func<HttpContext, CdsService, Caller, bool, ReadOnlyMemory<byte>, CancellationToken, Task<FhirFault?>> run)
    {
        using var bytes = await bodies.ReadAsync(http.Request, MaxBody, http.RequestAborted);
        if (bytes.Fault is { } unread)
            return unread;
        var (place, full) = await admission.EnterAsync(Load.Read, http.Connection.RemoteIpAddress, http.RequestAborted);
        if (full is not null)
            return full;
        using (place)
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted))
        {
            deadline.CancelAfter(limits.Value.RequestTime);
            try
            {
                return await run(http, service, caller, isClient, bytes.Bytes, deadline.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
            {
                return FhirFault.Of(FaultKind.Timeout, "The request took longer than it may and was given up.");
            }
        }
    }

    private async Task<FhirFault?> AnswerAsync(HttpContext http, CdsService service, Caller caller, bool isClient, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var (request, fault) = CdsRequestReader.Read(body, service);
        if (request is null)
            return fault;
        (var reader, fault) = await callers.ReaderAsync(request, caller, isClient, ct);
        if (fault is not null)
            return fault;
        (var cards, fault) = await answers.AnswerAsync(service, request, reader is null ? null : () => refusals.Follow(http, reader), ct);
        if (fault is null)
            await WriteAsync(http, cards!);
        return fault;
    }

    /// <summary>Feedback is written as whoever sends it: a client by what it is registered with.</summary>
    private async Task<FhirFault?> KeepAsync(HttpContext http, CdsService service, Caller caller, bool isClient, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var (transaction, fault) = CdsFeedback.Read(body, service, server.Of($"{CdsPaths.Services}/{service.Id}"));
        if (transaction is null)
            return fault;
        if (CdsFeedback.Body(transaction) is not { } tree)
            return FhirFault.Of(FaultKind.Invalid, "The feedback holds characters that cannot be kept.");
        var reply = await interactions.HandleAsync(new("POST", FhirTarget.Parse("", out _)!, refusals.Follow(http, caller)) { Body = tree, BaseUrl = "", IsReadOnly = space.IsReadOnly }, ct);
        if (reply.Fault is not null)
            return reply.Fault;
        http.Response.StatusCode = StatusCodes.Status200OK;
        return null;
    }

    private static Task WriteAsync(HttpContext http, JsonObject json)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.WriteAsync(json.ToJsonString(), http.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext http, FhirFault fault)
    {
        await refusals.AuditAsync(http, fault);
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        await http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted);
    }
}
