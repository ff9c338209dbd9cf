using System.Text.Json;
using System.Text.Json.Serialization;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary><c>/admin/terminology</c>: which editions answer, how fresh they are, what changed between two, and taking one out of use.</summary>
internal static class TerminologyEndpoints
{
    private const int MostChanges = 10_000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static void Map(WebApplication app)
    {
        app.MapGet("/admin/terminology/editions", (HttpContext http, CountedCallers callers, TerminologyService terminology, TimeProvider clock, CancellationToken ct) =>
            AsAdministratorAsync(http, callers, () => Results.Json(
                new { Editions = terminology.Standing(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), Unreadable = terminology.UnreadableFiles }, Json), ct)).ExcludeFromDescription();
        app.MapGet("/admin/terminology/comparison", (string from, string to, int? limit, HttpContext http, CountedCallers callers, TerminologyService terminology, CancellationToken ct) =>
            AsAdministratorAsync(http, callers, () => terminology.Compare(from, to, Math.Clamp(limit ?? 100, 0, MostChanges)) is { } found
                ? Results.Json(found, Json) : Refuse(FhirFault.Of(FaultKind.NotFound, $"There is no edition '{from}' or no '{to}'.")), ct)).ExcludeFromDescription();
        app.MapDelete("/admin/terminology/editions/{id}", (string id, HttpContext http, CountedCallers callers, TerminologyService terminology, CancellationToken ct) =>
            AsAdministratorAsync(http, callers, () => terminology.Retire(id)
                ? Results.NoContent() : Refuse(FhirFault.Of(FaultKind.NotFound, $"There is no imported edition '{id}'.")), ct)).ExcludeFromDescription();
    }

    private static async Task<IResult> AsAdministratorAsync(HttpContext http, CountedCallers callers, Func<IResult> answer, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (caller, fault) = await callers.OfAsync(http, ct);
        return fault is not null ? Refuse(fault)
            : caller.Access.Holds("admin.config") ? answer()
            : Refuse(FhirFault.Of(caller.Principal is null && !caller.Access.IsEverything ? FaultKind.Unauthorized : FaultKind.Forbidden, "The editions of code systems need the right admin.config."));
    }

    private static IResult Refuse(FhirFault fault) =>
        Results.Text(System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(fault.ToOutcome())), "application/fhir+json", statusCode: fault.Status);
}
