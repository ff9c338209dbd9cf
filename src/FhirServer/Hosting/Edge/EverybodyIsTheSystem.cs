using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Until sign-in exists whoever reaches the server may do everything; the server therefore listens on loopback only (ADR 0011).</summary>
internal sealed class EverybodyIsTheSystem : ICallers
{
    private static readonly Caller Somebody = new("anonymous", SystemPlans.NoSignIn);

    public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct) => new((Somebody, null));
}
