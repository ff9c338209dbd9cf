using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What is read before anything is decided: the chart of the encounter, and what its level needs beside it.</summary>
/// <param name="Chart">The encounter with what surrounds it.</param>
/// <param name="Day">The day that is coded, in the facility's time zone.</param>
/// <param name="Zone">The facility's time zone; null takes days as written.</param>
public sealed record VisitRecord(EncounterChart Chart, DateOnly Day, TimeZoneInfo? Zone)
{
    public IReadOnlyList<MedicationRequest> MedicationRequests { get; init; } = [];

    public IReadOnlyList<MedicationStatement> MedicationStatements { get; init; } = [];

    public IReadOnlyList<QuestionnaireResponse> Questionnaires { get; init; } = [];

    /// <summary>Provenances of the day by the clinician.</summary>
    public IReadOnlyList<Provenance> Provenances { get; init; } = [];

    /// <summary>What the audit says that the clinician opened on the day.</summary>
    public IReadOnlyList<AuditEvent> Openings { get; init; } = [];

    /// <summary>The patient's reports, observations and documents that <see cref="Provenances"/> and <see cref="Openings"/> name, and the orders they are based on.</summary>
    public IReadOnlyList<Resource> Reviewed { get; init; } = [];

    /// <summary>The patient's other encounters of the three years before.</summary>
    public IReadOnlyList<Encounter> Earlier { get; init; } = [];

    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Roles of the people of this and the earlier encounters.</summary>
    public IReadOnlyList<PractitionerRole> Roles { get; init; } = [];

    public string EncounterReference => $"Encounter/{Chart.Encounter.Id}";

    /// <summary>Who saw the patient: the primary performer or attender, else the first practitioner; null when nobody is named.</summary>
    public string? Clinician => ClinicianOf(Chart.Encounter);

    public bool IsOfVisit(ResourceReference? reference) => reference?.Reference == EncounterReference;

    public bool IsOnDay(string? fhirDate) => DateOfService.From(fhirDate, Zone) == Day;

    public IEnumerable<PractitionerRole> AllRoles => Chart.OfType<PractitionerRole>().Concat(Roles).DistinctBy(r => r.Id);

    /// <summary>The practitioner behind a participant, also when it is named by its role.</summary>
    public string? ClinicianOf(Encounter encounter) => new Clinicians(AllRoles).Of(encounter);

    public string? PractitionerOf(ResourceReference? reference) => new Clinicians(AllRoles).Behind(reference);

    /// <summary>The three years before, as new against established is decided on.</summary>
    internal EarlierServices Before => new(Earlier) { Claims = Claims, Roles = Roles };

    public IEnumerable<ChargeItem> Charges => Chart.OfType<ChargeItem>().Where(c => IsOfVisit(c.Context)
        && c.Status is not (ChargeItem.ChargeItemStatus.Aborted or ChargeItem.ChargeItemStatus.EnteredInError or ChargeItem.ChargeItemStatus.NotBillable));
}
