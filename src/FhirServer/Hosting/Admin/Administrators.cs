using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary>The door to what needs the right <c>admin.config</c>. Refusals are OperationOutcomes.</summary>
internal sealed class Administrators(CountedCallers callers, SecurityEvents audit)
{
    public async Task<IResult> AnswerAsync(HttpContext http, Func<Caller, Task<IResult>> answer, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (caller, fault) = await callers.OfAsync(http, ct);
        if (fault is not null)
            return Refuse(fault);
        if (caller.Access.Holds("admin.config"))
            return await answer(caller);
        var isKnown = caller.Principal is not null || caller.Access.IsEverything;
        if (!isKnown)
            BearerCallers.Challenge(http);
        return Refuse(FhirFault.Of(isKnown ? FaultKind.Forbidden : FaultKind.Unauthorized, "This needs the right admin.config."));
    }

    public Task<IResult> AnswerAsync(HttpContext http, Func<IResult> answer, CancellationToken ct) => AnswerAsync(http, _ => Task.FromResult(answer()), ct);

    /// <summary>What an administrator did is told to the audit, and fails when it cannot be kept there (security.md S-50).</summary>
    public Task RecordAsync(HttpContext http, Caller caller, string what, string text) => audit.RecordAsync(
        what, isSuccess: true, new AuditAgent { UserId = caller.Principal?.UserId, Name = caller.Principal?.UserId is null ? caller.Name : null },
        http.Connection.RemoteIpAddress?.ToString(), text: text);

    public static IResult Refuse(FaultKind kind, string text) => Refuse(FhirFault.Of(kind, text));

    public static IResult Refuse(FhirFault fault) =>
        Results.Text(System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(fault.ToOutcome())), "application/fhir+json", statusCode: fault.Status);
}
