namespace FhirEmr.FhirServer.Demo;

/// <summary>Systems the demo writes that are not billing identifiers.</summary>
internal static class DemoUrls
{
    /// <summary>Coverage extension (code): SBR09 claim filing indicator, e.g. MB, MC, CI.</summary>
    public const string ClaimFilingIndicator = "urn:fhiremr:claim-filing-indicator";

    /// <summary>meta.tag system on invented people, organizations, coverages and visits; code <c>made-up</c>.</summary>
    public const string Tag = "urn:fhiremr:demo";

    public const string MedicalRecordNumber = "urn:fhiremr:demo-mrn";
    public const string ActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    public const string ParticipationType = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    public const string OrganizationType = "http://terminology.hl7.org/CodeSystem/organization-type";
    public const string CoverageClass = "http://terminology.hl7.org/CodeSystem/coverage-class";
    public const string SubscriberRelationship = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";
    public const string IdentifierType = "http://terminology.hl7.org/CodeSystem/v2-0203";
    public const string ObservationCategory = "http://terminology.hl7.org/CodeSystem/observation-category";
    public const string ConditionClinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    public const string ConditionVerification = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
    public const string ConditionCategory = "http://terminology.hl7.org/CodeSystem/condition-category";
    public const string DiagnosticService = "http://terminology.hl7.org/CodeSystem/v2-0074";
    public const string Ucum = "http://unitsofmeasure.org";
}
