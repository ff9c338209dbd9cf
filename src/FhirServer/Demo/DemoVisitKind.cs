using static FhirEmr.FhirServer.Demo.ClinicalCatalog;

namespace FhirEmr.FhirServer.Demo;

/// <summary>A kind of visit to the demo practice and what it leaves in the chart.</summary>
/// <param name="ClassCode">v3-ActCode: AMB in the office, VR by video.</param>
/// <param name="Story">What the patient says, for the note.</param>
/// <param name="Plan">What was decided, for the note.</param>
internal sealed record DemoVisitKind(Term Type, string ClassCode, int Minutes, IReadOnlyList<Problem> Problems, string Story, string Plan)
{
    public IReadOnlyList<Term> Procedures { get; private init; } = [];
    public IReadOnlyList<LabPanel> Panels { get; private init; } = [];
    public IReadOnlyList<Term> Vaccines { get; private init; } = [];
    public IReadOnlyList<Term> Drugs { get; private init; } = [];

    /// <summary>Fever on a sick visit.</summary>
    public bool Fever { get; private init; }

    /// <summary>Height, weight and pressure rather than temperature and breathing.</summary>
    public bool IsCheckUp { get; private init; }

    /// <summary>Another clinician sent the patient; the encounter names who.</summary>
    public bool IsReferred { get; private init; }

    public static readonly DemoVisitKind AdultExam = Office(
        CheckUp, 40, ClinicalCatalog.AdultExam, "Here for the yearly examination, feels well.", "Routine laboratory tests; screening up to date.") with
    {
        IsCheckUp = true,
        Procedures = [MedicationReview, DepressionScreening],
        Panels = [BasicMetabolic, Lipids],
    };

    public static readonly DemoVisitKind SeniorExam = Office(
        CheckUp, 40, ClinicalCatalog.AdultExam, "Yearly examination; no falls, sleeps well.", "Blood count and metabolic panel; vaccines given today.") with
    {
        IsCheckUp = true,
        Procedures = [MedicationReview],
        Panels = [BasicMetabolic, BloodCount],
        Vaccines = [Influenza, Pneumococcal],
    };

    public static readonly DemoVisitKind ChildExam = Office(
        CheckUp, 30, ClinicalCatalog.ChildExam, "Well child visit; parents have no concerns.", "Growth on track; vaccines given today.") with
    {
        IsCheckUp = true,
        Vaccines = [DTaP, Mmr],
    };

    public static readonly DemoVisitKind TeenExam = Office(
        CheckUp, 30, ClinicalCatalog.ChildExam, "School physical; plays football.", "Cleared for sports; booster given today.") with
    {
        IsCheckUp = true,
        Vaccines = [Tdap],
    };

    public static readonly DemoVisitKind SoreThroat = Office(
        Symptom, 20, StrepThroat, "Three days of sore throat and fever, no cough.", "Penicillin for ten days; return if swallowing worsens.") with
    {
        Fever = true,
        Procedures = [ThroatCulture],
        Drugs = [Penicillin],
    };

    public static readonly DemoVisitKind Cough = Office(
        Symptom, 20, Bronchitis, "A week of cough with clear sputum, no chest pain.", "Rest and fluids; call if short of breath.");

    public static readonly DemoVisitKind EarPain = Office(
        Symptom, 20, OtitisMedia, "Right ear pain since last night, fever at home.", "Amoxicillin with clavulanate; recheck in two weeks.") with
    {
        Fever = true,
        Drugs = [AmoxicillinClavulanate],
    };

    public static readonly DemoVisitKind UrinarySymptoms = Office(
        Symptom, 20, UrinaryInfection, "Burning and frequency for two days.", "Culture sent; antibiotic started, fluids.") with
    {
        Procedures = [UrineCulture],
        Drugs = [AmoxicillinClavulanate],
    };

    public static readonly DemoVisitKind Ankle = Office(
        ForProblem, 25, AnkleSprain, "Turned the right ankle on stairs yesterday.", "Brace, ice and elevation; ibuprofen as needed.") with
    {
        Drugs = [Ibuprofen],
    };

    public static readonly DemoVisitKind Knee = Office(
        ForProblem, 25, KneeArthritis, "Right knee aches on stairs, worse this month.", "Naproxen with food; physical therapy exercises shown.") with
    {
        Drugs = [Naproxen],
    };

    public static readonly DemoVisitKind BackPain = Office(
        ForProblem, 25, LowBackPain, "Low back pain after gardening, no numbness.", "Stay active; acetaminophen as needed.") with
    {
        Drugs = [Acetaminophen],
    };

    public static readonly DemoVisitKind Fatigue = Office(
        ForProblem, 25, Anemia, "Tired for six weeks.", "Blood count today; iron-rich diet until results.") with
    {
        Panels = [BloodCount],
    };

    public static readonly DemoVisitKind DiabetesReview = Office(
        FollowUp, 30, TypeTwoDiabetes, "Checks sugar at home, mostly under 150.", "Continue metformin; A1c in three months.") with
    {
        Panels = [HemoglobinA1c, BasicMetabolic],
        Drugs = [Metformin],
    };

    public static readonly DemoVisitKind PressureReview = Office(
        FollowUp, 20, Hypertension, "Home pressures around 135 over 85; no dizziness.", "Continue lisinopril; less salt.") with
    {
        IsCheckUp = true,
        Drugs = [Lisinopril],
    };

    public static readonly DemoVisitKind AsthmaReview = Office(
        AsthmaFollowUp, 25, Asthma, "Uses the rescue inhaler once a week.", "Spirometry today; controller unchanged.") with
    {
        Procedures = [Spirometry],
    };

    public static readonly DemoVisitKind VaccineOnly = Office(
        PatientEncounter, 10, VaccineDue, "Here for the seasonal influenza vaccine.", "Vaccine given; watched for fifteen minutes.") with
    {
        Vaccines = [Influenza],
    };

    public static readonly DemoVisitKind Referred = Office(
        Consultation, 40, ChronicPain, "Sent for an opinion on long-standing shoulder pain.", "Stepwise plan sent back to the referring clinician.") with
    {
        IsReferred = true,
    };

    public static readonly DemoVisitKind SinusVideo = Video(
        ViralSinusitis, "By video: congestion and facial pressure for four days.", "Saline rinses; antibiotics not needed now.");

    public static readonly DemoVisitKind LipidVideo = Video(
        Hyperlipidemia, "By video: results of the last lipid panel.", "Diet reviewed; repeat in six months.");

    public static readonly DemoVisitKind AllergyVideo = Video(
        AllergicRhinitis, "By video: sneezing every morning this season.", "Daily antihistamine; keep windows closed.");

    private static DemoVisitKind Office(Term type, int minutes, Problem problem, string story, string plan) =>
        new(type, "AMB", minutes, [problem], story, plan);

    private static DemoVisitKind Video(Problem problem, string story, string plan) =>
        new(Telemedicine, "VR", 15, [problem], story, plan);
}
