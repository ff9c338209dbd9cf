namespace FhirEmr.FhirServer.Operations.Everything;

/// <summary>The search parameters that say when care took place, for <c>start</c> and <c>end</c> of <c>$everything</c>.</summary>
/// <remarks>
/// patient-operation-everything: the range relates to care dates, not to when something was recorded. What lasts (a condition, an allergy, a
/// goal) belongs to every range it reaches into. Types without an entry (Coverage, Device, Provenance ...) have no such date and are always in.
/// </remarks>
internal static class ClinicalDates
{
    /// <summary>It happened then: the value must overlap the range.</summary>
    public static IReadOnlyList<(string Type, string Code)> When { get; } =
    [
        ("Account", "period"), ("AdverseEvent", "date"), ("Appointment", "date"), ("CarePlan", "date"), ("CareTeam", "date"), ("ChargeItem", "occurrence"),
        ("Claim", "created"), ("ClaimResponse", "created"), ("ClinicalImpression", "date"), ("Communication", "sent"), ("Communication", "received"),
        ("CommunicationRequest", "occurrence"), ("CommunicationRequest", "authored"), ("Composition", "date"), ("Composition", "period"), ("Consent", "date"),
        ("CoverageEligibilityRequest", "created"), ("CoverageEligibilityResponse", "created"), ("DetectedIssue", "identified"), ("DeviceRequest", "event-date"),
        ("DeviceRequest", "authored-on"), ("DiagnosticReport", "date"), ("DocumentManifest", "created"), ("DocumentReference", "date"), ("DocumentReference", "period"),
        ("Encounter", "date"), ("EpisodeOfCare", "date"), ("ExplanationOfBenefit", "created"), ("Flag", "date"), ("ImagingStudy", "started"), ("Immunization", "date"),
        ("ImmunizationEvaluation", "date"), ("ImmunizationRecommendation", "date"), ("Invoice", "date"), ("List", "date"), ("MeasureReport", "period"),
        ("Media", "created"), ("MedicationAdministration", "effective-time"), ("MedicationDispense", "whenhandedover"), ("MedicationDispense", "whenprepared"),
        ("MedicationRequest", "authoredon"), ("MedicationRequest", "date"), ("MedicationStatement", "effective"), ("NutritionOrder", "datetime"), ("Observation", "date"),
        ("Procedure", "date"), ("QuestionnaireResponse", "authored"), ("RequestGroup", "authored"), ("ResearchSubject", "date"), ("RiskAssessment", "date"),
        ("ServiceRequest", "occurrence"), ("ServiceRequest", "authored"), ("Specimen", "collected"), ("SupplyRequest", "date"), ("Task", "period"), ("VisionPrescription", "datewritten"),
    ];

    /// <summary>It lasts from then on: the value must not lie behind the range.</summary>
    public static IReadOnlyList<(string Type, string Code)> Begins { get; } =
        [("AllergyIntolerance", "onset"), ("Condition", "onset-date"), ("Goal", "start-date")];

    /// <summary>It lasted until then: the value must not lie before the range.</summary>
    public static IReadOnlyList<(string Type, string Code)> Ends { get; } = [("Condition", "abatement-date")];
}
