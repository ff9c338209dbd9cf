using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.AspNetCore.Http;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>For tests that are about something else than who asks.</summary>
internal sealed class EverybodyIsTheSystem : ICallers
{
    private static readonly Caller Somebody = new("somebody", SystemPlans.Work);

    public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct) => new((Somebody, null));
}
