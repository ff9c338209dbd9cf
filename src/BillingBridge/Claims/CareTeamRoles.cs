using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary><c>Claim.careTeam.role</c> codes we write: HL7's where it has one, CARIN's otherwise.</summary>
public static class CareTeamRoles
{
    /// <summary>Rendering provider, loop 2310B.</summary>
    public const string Rendering = "primary";

    /// <summary>Referring provider, loop 2310A.</summary>
    public const string Referring = "referring";

    /// <summary>Ordering provider of laboratory, imaging and supplies, loop 2420E; named by the lines' careTeamSequence.</summary>
    public const string Ordering = "ordering";

    /// <summary>Supervising provider, loop 2310D.</summary>
    public const string Supervising = "supervisor";

    public static CodeableConcept Concept(string role) => role switch
    {
        Rendering or Supervising => new CodeableConcept("http://terminology.hl7.org/CodeSystem/claimcareteamrole", role),
        Ordering => new CodeableConcept("urn:fhiremr:care-team-role", role),
        _ => new CodeableConcept("http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole", role),
    };
}
