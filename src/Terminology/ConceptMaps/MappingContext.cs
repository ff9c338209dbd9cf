namespace FhirEmr.Terminology.ConceptMaps;

/// <summary>What is known about the encounter when a map is asked. What is null is unknown, and then excludes no target.</summary>
/// <param name="ServiceDate">Date of service.</param>
/// <param name="BirthDate">For age bands, taken on the date of service.</param>
/// <param name="Sex">FHIR administrative gender; only <c>female</c> and <c>male</c> decide anything.</param>
/// <param name="IsNewPatient">No professional service by the same group and specialty in the last three years.</param>
/// <param name="EncounterClass">v3-ActCode: AMB, EMER, IMP, VR, HH ...; ambulatory kinds count as AMB.</param>
/// <param name="HasReason">The encounter names a reason or a problem it was for.</param>
/// <param name="IsFollowUp">Injuries: active treatment is over, this visit is aftercare (7th character D).</param>
/// <param name="IsMedicare">The payer of the claim is Medicare.</param>
public sealed record MappingContext(
    DateOnly? ServiceDate = null, DateOnly? BirthDate = null, string? Sex = null, bool? IsNewPatient = null,
    string? EncounterClass = null, bool? HasReason = null, bool? IsFollowUp = null, bool? IsMedicare = null)
{
    /// <summary>Age in whole years on the date of service; null when either date is missing.</summary>
    public int? AgeYears => (ServiceDate, BirthDate) is not ({ } day, { } birth) ? null
        : day.Year - birth.Year - (day < birth.AddYears(day.Year - birth.Year) ? 1 : 0);

    /// <summary>Age in days on the date of service; null when either date is missing.</summary>
    public int? AgeDays => (ServiceDate, BirthDate) is ({ } day, { } birth) ? day.DayNumber - birth.DayNumber : null;
}
