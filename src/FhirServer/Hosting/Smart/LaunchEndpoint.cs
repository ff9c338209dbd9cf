using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Launch;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>
/// <c>POST /auth/launch</c>: the EHR's own pages ask for the <c>launch</c> value to open an app with.
/// Body: <c>{"client_id", "patient", "encounter", "intent", "fhirContext"}</c>, all but the first optional.
/// </summary>
internal sealed class LaunchEndpoint(CountedCallers callers, ClientRegistry clients, LaunchTickets launches, ILaunchRecords records, IServerIdentity server, SmartEvents events)
{
    private const int MaxBody = 64 * 1024;
    private const string Reading = "user/Patient.rs user/Encounter.rs";

    public async Task HandleAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        var (caller, fault) = await callers.OfAsync(http, ct);
        if (fault is null && caller.Principal is null)
        {
            BearerCallers.Challenge(http);
            fault = FhirFault.Of(FaultKind.Unauthorized, "Sign in first.");
        }

        if (fault is null && caller.Principal is not { UserId: not null, ClientId: PageCallers.Client })
            fault = FhirFault.Of(FaultKind.Forbidden, "Only the pages of this EHR open apps, for the user who sits there.");
        if (fault is not null)
        {
            await RefuseAsync(http, fault);
            return;
        }

        var (request, wrong) = await ReadAsync(http, ct);
        wrong ??= await FaultAsync(request!, caller.Principal!, ct);
        if (wrong is not null)
        {
            await RefuseAsync(http, wrong);
            return;
        }

        var launch = await launches.MakeAsync(request!, caller.Principal!.UserId!, ct);
        await events.LaunchedAsync(request!.ClientId, caller.Principal.UserId!, ct);
        await http.Response.WriteAsJsonAsync(
            new JsonObject { ["launch"] = launch, ["iss"] = server.FhirBase, ["expires_in"] = (int)LaunchTickets.Life.TotalSeconds }, ct);
    }

    private async Task<FhirFault?> FaultAsync(LaunchRequest request, Principal user, CancellationToken ct)
    {
        if (await clients.FindAsync(request.ClientId, ct) is not { IsDisabled: false } client || !client.LaunchKinds.Split(' ').Contains("ehr"))
            return FhirFault.Of(FaultKind.Invalid, "There is no app of that client_id that can be opened from the EHR; its registration needs the scope launch.");
        if (request.Patient is { } patient && await records.PatientAsync(user with { Scopes = Reading }, patient, ct) is null)
            return FhirFault.Of(FaultKind.NotFound, $"Patient/{patient} is not known here.");
        return request.Encounter is { } encounter
            && (request.Patient is null || !await records.IsVisitOfAsync(user with { Scopes = Reading }, request.Patient, encounter, ct))
            ? FhirFault.Of(FaultKind.NotFound, $"Encounter/{encounter} is not known here as a visit of this patient.")
            : null;
    }

    private static async Task<(LaunchRequest?, FhirFault?)> ReadAsync(HttpContext http, CancellationToken ct)
    {
        var none = FhirFault.Of(FaultKind.Invalid, """The body must be JSON, as in {"client_id":"growth-chart","patient":"123"}.""");
        if (http.Request.ContentLength is not (> 0 and <= MaxBody))
            return (null, none);
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: ct);
            var root = body.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "client_id") is not { } clientId)
                return (null, none);
            var context = root.TryGetProperty("fhirContext", out var list) ? list : default;
            if (context.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Array))
                return (null, FhirFault.Of(FaultKind.Invalid, "fhirContext must be a list of objects with a reference, a canonical or an identifier."));
            return (new(clientId, Text(root, "patient"), Text(root, "encounter"), Text(root, "intent"), context.ValueKind == JsonValueKind.Array ? context.GetRawText() : null), null);
        }
        catch (JsonException)
        {
            return (null, none);
        }
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Task RefuseAsync(HttpContext http, FhirFault fault)
    {
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        return http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted).AsTask();
    }
}
