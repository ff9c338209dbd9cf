using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Scopes;
using FhirEmr.FhirServer.Security.Smart.Authorize;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Who looks at a page of ours, by the session at this browser. A cookie comes along whoever makes the browser ask: what changes something must prove more.</summary>
internal sealed class PageCallers(ISignIns signIns, IAccessPlanner planner)
{
    /// <summary>The client that our own pages are, in plans and in the audit.</summary>
    public const string Client = "fhir-emr-web";

    private const string Scopes = "user/*.cruds " + SmartScopes.Rights;

    /// <summary>Null when nobody is signed in.</summary>
    public async ValueTask<Caller?> OfAsync(HttpContext http, CancellationToken ct)
    {
        if (await signIns.OfAsync(http) is not { } user)
            return null;
        var principal = user.As(Client, Scopes);
        return new(principal.UserName ?? principal.UserId ?? principal.ClientId, await planner.PlanAsync(principal, ct)) { Principal = principal };
    }
}
