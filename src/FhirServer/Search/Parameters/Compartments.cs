using System.Collections.Frozen;
using FhirEmr.FhirServer.Resources;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>The compartments one can search in, and the parameters that put a resource into them (compartmentdefinition.html, R4).</summary>
/// <remarks>
/// The resource a compartment is named after always belongs to it, as R4 says with <c>{def}</c> for three of them. The Patient compartment
/// is the one that the index keeps owners for (<see cref="PatientCompartment"/>), so that both mean the same set of resources.
/// </remarks>
internal static class Compartments
{
    private static readonly FrozenDictionary<string, FrozenDictionary<string, string[]>> Members = new Dictionary<string, FrozenDictionary<string, string[]>>
    {
        ["Encounter"] = new Dictionary<string, string[]>
        {
            ["CarePlan"] = ["encounter"],
            ["CareTeam"] = ["encounter"],
            ["ChargeItem"] = ["context"],
            ["Claim"] = ["encounter"],
            ["ClinicalImpression"] = ["encounter"],
            ["Communication"] = ["encounter"],
            ["CommunicationRequest"] = ["encounter"],
            ["Composition"] = ["encounter"],
            ["Condition"] = ["encounter"],
            ["DeviceRequest"] = ["encounter"],
            ["DiagnosticReport"] = ["encounter"],
            ["DocumentManifest"] = ["related-ref"],
            ["DocumentReference"] = ["encounter"],
            ["ExplanationOfBenefit"] = ["encounter"],
            ["Media"] = ["encounter"],
            ["MedicationAdministration"] = ["context"],
            ["MedicationRequest"] = ["encounter"],
            ["NutritionOrder"] = ["encounter"],
            ["Observation"] = ["encounter"],
            ["Procedure"] = ["encounter"],
            ["QuestionnaireResponse"] = ["encounter"],
            ["RequestGroup"] = ["encounter"],
            ["ServiceRequest"] = ["encounter"],
            ["VisionPrescription"] = ["encounter"],
        }.ToFrozenDictionary(StringComparer.Ordinal),
        ["Practitioner"] = new Dictionary<string, string[]>
        {
            ["Account"] = ["subject"],
            ["AdverseEvent"] = ["recorder"],
            ["AllergyIntolerance"] = ["recorder", "asserter"],
            ["Appointment"] = ["actor"],
            ["AppointmentResponse"] = ["actor"],
            ["AuditEvent"] = ["agent"],
            ["Basic"] = ["author"],
            ["CarePlan"] = ["performer"],
            ["CareTeam"] = ["participant"],
            ["ChargeItem"] = ["enterer", "performer-actor"],
            ["Claim"] = ["enterer", "provider", "payee", "care-team"],
            ["ClaimResponse"] = ["requestor"],
            ["ClinicalImpression"] = ["assessor"],
            ["Communication"] = ["sender", "recipient"],
            ["CommunicationRequest"] = ["sender", "recipient", "requester"],
            ["Composition"] = ["subject", "author", "attester"],
            ["Condition"] = ["asserter"],
            ["CoverageEligibilityRequest"] = ["enterer", "provider"],
            ["CoverageEligibilityResponse"] = ["requestor"],
            ["DetectedIssue"] = ["author"],
            ["DeviceRequest"] = ["requester", "performer"],
            ["DiagnosticReport"] = ["performer"],
            ["DocumentManifest"] = ["subject", "author", "recipient"],
            ["DocumentReference"] = ["subject", "author", "authenticator"],
            ["Encounter"] = ["practitioner", "participant"],
            ["EpisodeOfCare"] = ["care-manager"],
            ["ExplanationOfBenefit"] = ["enterer", "provider", "payee", "care-team"],
            ["Flag"] = ["author"],
            ["Group"] = ["member"],
            ["Immunization"] = ["performer"],
            ["Invoice"] = ["participant"],
            ["Linkage"] = ["author"],
            ["List"] = ["source"],
            ["Media"] = ["subject", "operator"],
            ["MedicationAdministration"] = ["performer"],
            ["MedicationDispense"] = ["performer", "receiver"],
            ["MedicationRequest"] = ["requester"],
            ["MedicationStatement"] = ["source"],
            ["MessageHeader"] = ["receiver", "author", "responsible", "enterer"],
            ["NutritionOrder"] = ["provider"],
            ["Observation"] = ["performer"],
            ["Patient"] = ["general-practitioner"],
            ["PaymentNotice"] = ["provider"],
            ["PaymentReconciliation"] = ["requestor"],
            ["Person"] = ["practitioner"],
            ["PractitionerRole"] = ["practitioner"],
            ["Procedure"] = ["performer"],
            ["Provenance"] = ["agent"],
            ["QuestionnaireResponse"] = ["author", "source"],
            ["RequestGroup"] = ["participant", "author"],
            ["ResearchStudy"] = ["principalinvestigator"],
            ["RiskAssessment"] = ["performer"],
            ["Schedule"] = ["actor"],
            ["ServiceRequest"] = ["performer", "requester"],
            ["Specimen"] = ["collector"],
            ["SupplyDelivery"] = ["supplier", "receiver"],
            ["SupplyRequest"] = ["requester"],
            ["VisionPrescription"] = ["prescriber"],
        }.ToFrozenDictionary(StringComparer.Ordinal),
        ["Device"] = new Dictionary<string, string[]>
        {
            ["Account"] = ["subject"],
            ["Appointment"] = ["actor"],
            ["AppointmentResponse"] = ["actor"],
            ["AuditEvent"] = ["agent"],
            ["ChargeItem"] = ["enterer", "performer-actor"],
            ["Claim"] = ["procedure-udi", "item-udi", "detail-udi", "subdetail-udi"],
            ["Communication"] = ["sender", "recipient"],
            ["CommunicationRequest"] = ["sender", "recipient"],
            ["Composition"] = ["author"],
            ["DetectedIssue"] = ["author"],
            ["DeviceRequest"] = ["device", "subject", "requester", "performer"],
            ["DeviceUseStatement"] = ["device"],
            ["DiagnosticReport"] = ["subject"],
            ["DocumentManifest"] = ["subject", "author"],
            ["DocumentReference"] = ["subject", "author"],
            ["ExplanationOfBenefit"] = ["procedure-udi", "item-udi", "detail-udi", "subdetail-udi"],
            ["Flag"] = ["author"],
            ["Group"] = ["member"],
            ["Invoice"] = ["participant"],
            ["List"] = ["subject", "source"],
            ["Media"] = ["subject"],
            ["MedicationAdministration"] = ["device"],
            ["MessageHeader"] = ["target"],
            ["Observation"] = ["subject", "device"],
            ["Provenance"] = ["agent"],
            ["QuestionnaireResponse"] = ["author"],
            ["RequestGroup"] = ["author"],
            ["RiskAssessment"] = ["performer"],
            ["Schedule"] = ["actor"],
            ["ServiceRequest"] = ["performer", "requester"],
            ["Specimen"] = ["subject"],
            ["SupplyRequest"] = ["requester"],
        }.ToFrozenDictionary(StringComparer.Ordinal),
        ["RelatedPerson"] = new Dictionary<string, string[]>
        {
            ["AdverseEvent"] = ["recorder"],
            ["AllergyIntolerance"] = ["asserter"],
            ["Appointment"] = ["actor"],
            ["AppointmentResponse"] = ["actor"],
            ["Basic"] = ["author"],
            ["CarePlan"] = ["performer"],
            ["CareTeam"] = ["participant"],
            ["ChargeItem"] = ["enterer", "performer-actor"],
            ["Claim"] = ["payee"],
            ["Communication"] = ["sender", "recipient"],
            ["CommunicationRequest"] = ["sender", "recipient", "requester"],
            ["Composition"] = ["author"],
            ["Condition"] = ["asserter"],
            ["Coverage"] = ["policy-holder", "subscriber", "payor"],
            ["DocumentManifest"] = ["author", "recipient"],
            ["DocumentReference"] = ["author"],
            ["Encounter"] = ["participant"],
            ["ExplanationOfBenefit"] = ["payee"],
            ["Invoice"] = ["recipient"],
            ["MedicationAdministration"] = ["performer"],
            ["MedicationStatement"] = ["source"],
            ["Observation"] = ["performer"],
            ["Patient"] = ["link"],
            ["Person"] = ["link"],
            ["Procedure"] = ["performer"],
            ["Provenance"] = ["agent"],
            ["QuestionnaireResponse"] = ["author", "source"],
            ["RequestGroup"] = ["participant"],
            ["Schedule"] = ["actor"],
            ["ServiceRequest"] = ["performer"],
            ["SupplyRequest"] = ["requester"],
        }.ToFrozenDictionary(StringComparer.Ordinal),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The reference parameters that put resources of a type into a compartment; empty when the type is in none.</summary>
    public static IEnumerable<SearchParam> Admitting(SearchParameters parameters, string compartment, string type) =>
        parameters.Of(type).Where(p => p is { Kind: SearchParamType.Reference, IsSupported: true }
            && (p.Targets.Count == 0 || p.Targets.Contains(compartment))
            && (compartment == "Patient" ? PatientCompartment.Admits(p) : CodesOf(compartment, type).Contains(p.Code)));

    /// <summary>R4's codes for the type; empty when it is in no such compartment.</summary>
    public static IReadOnlyList<string> CodesOf(string compartment, string type) =>
        compartment == "Patient" ? PatientCompartment.CodesOf(type) : Members[compartment].GetValueOrDefault(type, []);

    /// <summary>The types of which a compartment can hold resources, itself first.</summary>
    public static IReadOnlyList<string> TypesIn(SearchParameters parameters, string compartment) =>
        [compartment, .. ResourceTypes.All.Where(t => t != compartment && Admitting(parameters, compartment, t).Any())];
}
