using FhirEmr.FhirServer.Interactions.Auditing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Where a request comes from, for its audit; and rows for requests that are refused before they reach an interaction (security.md S-51).</summary>
internal sealed class RefusalAudit(AuditLog audit, RefusalCap cap)
{
    /// <summary>The caller with a trail of this request.</summary>
    public Caller Follow(HttpContext http, Caller caller) => audit.IsEnabled ? caller with { Trail = Trail(http, caller) } : caller;

    /// <summary>Returns when the refusal has its row, or was counted because its address has had enough of them.</summary>
    public async Task AuditAsync(HttpContext http, FhirFault fault)
    {
        var address = http.Connection.RemoteIpAddress?.ToString();
        if (!audit.IsEnabled || !cap.Take(address))
            return;

        var trail = Trail(http, Caller.Anonymous);
        trail.Wait(RequestRecord.Ended(new()
        {
            Type = "rest",
            Subtype = "refused",
            Action = 'E',
            Text = AllowedMethods.IsKnown(http.Request.Method) ? http.Request.Method : null,
        }, fault.Status, fault));
        await trail.WriteOrLeaveAsync();
    }

    private AuditTrail Trail(HttpContext http, Caller caller) => AuditTrail.Of(audit, caller, http.Connection.RemoteIpAddress?.ToString(), RequestId.Of(http));
}
