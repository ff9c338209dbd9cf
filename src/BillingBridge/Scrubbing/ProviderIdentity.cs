using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Identifiers of the people and practices on a claim.</summary>
internal static class ProviderIdentity
{
    public static string? Npi(Organization? organization) => organization?.Identifier.Find(i => i.System == BillingUrls.Npi)?.Value;

    public static string? Npi(Practitioner? person) => person?.Identifier.Find(i => i.System == BillingUrls.Npi)?.Value;
}
