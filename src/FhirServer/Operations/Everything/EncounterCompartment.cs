using System.Collections.Frozen;

namespace FhirEmr.FhirServer.Operations.Everything;

/// <summary>Which parameters put a resource into an Encounter compartment (compartmentdefinition-encounter, R4).</summary>
internal static class EncounterCompartment
{
    private static readonly FrozenDictionary<string, string> Members = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["CarePlan"] = "encounter",
        ["CareTeam"] = "encounter",
        ["ChargeItem"] = "context",
        ["Claim"] = "encounter",
        ["ClinicalImpression"] = "encounter",
        ["Communication"] = "encounter",
        ["CommunicationRequest"] = "encounter",
        ["Composition"] = "encounter",
        ["Condition"] = "encounter",
        ["DeviceRequest"] = "encounter",
        ["DiagnosticReport"] = "encounter",
        ["DocumentManifest"] = "related-ref",
        ["DocumentReference"] = "encounter",
        ["ExplanationOfBenefit"] = "encounter",
        ["Media"] = "encounter",
        ["MedicationAdministration"] = "context",
        ["MedicationRequest"] = "encounter",
        ["NutritionOrder"] = "encounter",
        ["Observation"] = "encounter",
        ["Procedure"] = "encounter",
        ["QuestionnaireResponse"] = "encounter",
        ["RequestGroup"] = "encounter",
        ["ServiceRequest"] = "encounter",
        ["VisionPrescription"] = "encounter",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Type and code of every parameter, in order of type.</summary>
    public static IEnumerable<(string Type, string Code)> All => Members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => (m.Key, m.Value));
}
