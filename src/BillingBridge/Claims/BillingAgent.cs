using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Who acted when no person did: <c>Provenance.agent.who</c>.</summary>
public static class BillingAgent
{
    public const string Name = "FhirEmr billing bridge";

    public static ResourceReference Reference => new() { Display = Name };
}
