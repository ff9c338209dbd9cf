using FhirEmr.FhirServer.Security.Accounts;
using Hl7.Fhir.Model;
using Microsoft.Extensions.Options;
using static Hl7.Fhir.Model.CapabilityStatement;

namespace FhirEmr.FhirServer.Security.Smart.Discovery;

/// <summary>What the CapabilityStatement says of security: SMART on FHIR, and for older clients where its endpoints are (SMART App Launch, oauth-uris).</summary>
internal sealed class SecurityStatement(IServerIdentity server, IOptions<AuthOptions> options)
{
    private const string Uris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";
    private const string Services = "http://terminology.hl7.org/CodeSystem/restful-security-service";

    public SecurityComponent Build()
    {
        var security = new SecurityComponent
        {
            Cors = true,
            Service = [new CodeableConcept(Services, "SMART-on-FHIR")],
            Description = "Bearer tokens (RFC 6750) by SMART App Launch 2.2 and Backend Services; see .well-known/smart-configuration. Without one only this statement can be read.",
        };
        if (options.Value.Mode == AuthOptions.External)
            return security; // the issuer's own documents say it, and smart-configuration passes them on
        var uris = new Extension { Url = Uris };
        foreach (var (name, path) in (ReadOnlySpan<(string, string)>)[("authorize", SmartPaths.Authorize), ("token", SmartPaths.Token), ("introspect", SmartPaths.Introspect), ("revoke", SmartPaths.Revoke)])
            uris.Extension.Add(new Extension(name, new FhirUri(server.Of(path))));
        security.Extension.Add(uris);
        return security;
    }
}
