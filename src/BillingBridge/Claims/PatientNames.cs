using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Claims;

/// <summary>Which of a patient's names goes on a claim.</summary>
public static class PatientNames
{
    /// <summary>The official name, else the usual one, else the first; null without any.</summary>
    public static HumanName? Of(Patient patient) =>
        patient.Name.Find(n => n.Use == HumanName.NameUse.Official)
        ?? patient.Name.Find(n => n.Use == HumanName.NameUse.Usual)
        ?? patient.Name.FirstOrDefault();
}
