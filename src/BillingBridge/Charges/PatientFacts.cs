using FhirEmr.Terminology.ConceptMaps;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Charges;

/// <summary>What the choice between billing codes depends on: age on the day, sex, and whether the practice knew the patient.</summary>
/// <param name="AgeYears">Completed years on the date of service; null without a birth date.</param>
/// <param name="AgeDays">Days since birth; null without a birth date.</param>
/// <param name="IsNewPatient">No professional service by the same practitioner or group in the three years before.</param>
public sealed record PatientFacts(int? AgeYears, int? AgeDays, AdministrativeGender? Sex, bool IsNewPatient)
{
    /// <summary>What the concept maps may ask.</summary>
    public MappingContext Mapping { get; init; } = new();

    public static PatientFacts On(DateOnly day, Patient patient, bool isNewPatient)
    {
        var birth = DateOfService.From(patient.BirthDate);
        return new PatientFacts(
            birth is { } b ? DateOfService.YearsBetween(b, day) : null,
            birth is { } d ? day.DayNumber - d.DayNumber : null,
            patient.Gender,
            isNewPatient);
    }
}
