namespace FhirEmr.FhirServer.Documents.Ccda.Export;

/// <summary>The sections of a Continuity of Care Document in their order.</summary>
internal static class CcdSections
{
    public static IReadOnlyList<CcdSection> All { get; } =
    [
        new(Template.AllergiesSection, "2015-08-01", "48765-2", "Allergies and Intolerances", true, ["Allergy", "Reaction", "Severity", "Status", "Since"], ProblemEntries.Allergies) { Optional = "2.16.840.1.113883.10.20.22.2.6" },
        new(Template.MedicationsSection, "2014-06-09", "10160-0", "Medications", true, ["Medication", "Dosage", "Status", "Since", "Reason"], MedicationEntries.Medications) { Optional = "2.16.840.1.113883.10.20.22.2.1" },
        new(Template.ProblemsSection, "2015-08-01", "11450-4", "Problems", true, ["Problem", "Status", "Onset", "Resolved"], ProblemEntries.Problems) { Optional = "2.16.840.1.113883.10.20.22.2.5" },
        new(Template.ProceduresSection, "2014-06-09", "47519-4", "Procedures", true, ["Procedure", "Date", "Status", "Body site"], ActivityEntries.Procedures) { Optional = "2.16.840.1.113883.10.20.22.2.7" },
        new(Template.ResultsSection, "2015-08-01", "30954-2", "Results", true, ["Panel", "Test", "Result", "Reference range", "Interpretation", "Date"], ObservationEntries.Results) { Optional = "2.16.840.1.113883.10.20.22.2.3" },
        new(Template.SocialHistorySection, "2015-08-01", "29762-2", "Social History", true, ["", "Observation", "Result", "Reference range", "Interpretation", "Date"], ObservationEntries.Social),
        new(Template.VitalSignsSection, "2015-08-01", "8716-3", "Vital Signs", true, ["", "Vital sign", "Result", "Reference range", "Interpretation", "Date"], ObservationEntries.Vitals) { Optional = "2.16.840.1.113883.10.20.22.2.4" },
        new(Template.ImmunizationsSection, "2015-08-01", "11369-6", "Immunizations", false, ["Vaccine", "Date", "Status", "Lot"], MedicationEntries.Immunizations) { Optional = "2.16.840.1.113883.10.20.22.2.2" },
        new(Template.EncountersSection, "2015-08-01", "46240-8", "Encounters", false, ["Visit", "From", "Until", "Seen by", "Diagnoses"], ActivityEntries.Encounters) { Optional = "2.16.840.1.113883.10.20.22.2.22" },
        new(Template.FamilyHistorySection, "2015-08-01", "10157-6", "Family History", false, ["Relative", "Problems"], ActivityEntries.Family),
        new(Template.FunctionalStatusSection, "2014-06-09", "47420-5", "Functional Status", false, ["", "Observation", "Result", "Reference range", "Interpretation", "Date"], ObservationEntries.Functional),
        new(Template.MentalStatusSection, "2015-08-01", "10190-7", "Mental Status", false, ["", "Observation", "Result", "Reference range", "Interpretation", "Date"], ObservationEntries.Mental),
        new(Template.PlanSection, "2014-06-09", "18776-5", "Plan of Treatment", false, ["Planned", "Status", "Date", "", ""], c => ActivityEntries.Plan(c).Concat(MedicationEntries.Planned(c).Select(m => m with { Row = [m.Row[0], m.Row[2], m.Row[3]] }))
            .Select(e => e with { Row = [.. e.Row, null, null] })),
        new(Template.GoalsSection, null, "61146-7", "Goals", false, ["Goal", "Target", "Status", "Due"], ActivityEntries.Goals),
        new(Template.HealthConcernsSection, "2015-08-01", "75310-3", "Health Concerns", false, ["Concern", "Status", "Since", "Until"], ProblemEntries.Concerns),
        new(Template.EquipmentSection, "2014-06-09", "46264-8", "Medical Equipment", false, ["Device", "Status", "Since"], ActivityEntries.Equipment),
        new(Template.PayersSection, "2015-08-01", "48768-6", "Insurance", false, ["Payer", "Member", "Plan", "Since"], AdministrativeEntries.Payers),
        new(Template.AdvanceDirectivesSection, "2015-08-01", "42348-3", "Advance Directives", false, ["Directive", "Decision", "Date"], AdministrativeEntries.Directives) { Optional = "2.16.840.1.113883.10.20.22.2.21" },
        new(Template.NotesSection, "2016-11-01", "34109-9", "Notes", false, ["Note", "Date", "Author", "About"], AdministrativeEntries.Notes),
    ];

    /// <summary>Types of the record that any section looks at.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        "Patient", "AllergyIntolerance", "Condition", "MedicationStatement", "MedicationRequest", "Immunization", "Procedure", "Observation", "DiagnosticReport", "Encounter", "FamilyMemberHistory",
        "ServiceRequest", "Goal", "DeviceUseStatement", "Device", "Coverage", "Consent", "DocumentReference",
    ];
}
