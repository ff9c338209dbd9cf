namespace FhirEmr.FhirServer.Documents.Ccda;

/// <summary>Roots of the C-CDA R2.1 templates this converter reads and writes, by the guide's names.</summary>
/// <remarks>HL7 CDA R2 Implementation Guide: Consolidated CDA Templates for Clinical Notes, Release 2.1.</remarks>
internal static class Template
{
    private const string Entry = "2.16.840.1.113883.10.20.22.4.";
    private const string Section = "2.16.840.1.113883.10.20.22.2.";

    public const string UsRealmHeader = "2.16.840.1.113883.10.20.22.1.1";
    public const string ContinuityOfCareDocument = "2.16.840.1.113883.10.20.22.1.2";

    public const string AllergyConcern = Entry + "30";
    public const string Allergy = Entry + "7";
    public const string Reaction = Entry + "9";
    public const string Severity = Entry + "8";
    public const string Criticality = Entry + "145";
    public const string AllergyStatus = Entry + "28";
    public const string ProblemConcern = Entry + "3";
    public const string Problem = Entry + "4";
    public const string ProblemStatus = Entry + "6";
    public const string Medication = Entry + "16";
    public const string PlannedMedication = Entry + "42";
    public const string MedicationInformation = Entry + "23";
    public const string SupplyOrder = Entry + "17";
    public const string Indication = Entry + "19";
    public const string Instruction = Entry + "20";
    public const string Immunization = Entry + "52";
    public const string PlannedImmunization = Entry + "120";
    public const string ImmunizationInformation = Entry + "54";
    public const string RefusalReason = Entry + "53";
    public const string ProcedureAct = Entry + "12";
    public const string ProcedureObservation = Entry + "13";
    public const string Procedure = Entry + "14";
    public const string ProductInstance = Entry + "37";
    public const string ResultOrganizer = Entry + "1";
    public const string Result = Entry + "2";
    public const string VitalSignsOrganizer = Entry + "26";
    public const string VitalSign = Entry + "27";
    public const string Encounter = Entry + "49";
    public const string EncounterDiagnosis = Entry + "80";
    public const string ServiceLocation = Entry + "32";
    public const string SmokingStatus = Entry + "78";
    public const string TobaccoUse = Entry + "85";
    public const string SocialHistory = Entry + "38";
    public const string Pregnancy = "2.16.840.1.113883.10.20.15.3.8";
    public const string BirthSex = Entry + "200";
    public const string FamilyOrganizer = Entry + "45";
    public const string FamilyObservation = Entry + "46";
    public const string AgeObservation = Entry + "31";
    public const string FamilyDeath = Entry + "47";
    public const string FunctionalOrganizer = Entry + "66";
    public const string FunctionalStatus = Entry + "67";
    public const string MentalStatus = Entry + "74";
    public const string MentalOrganizer = Entry + "75";
    public const string AssessmentScale = Entry + "69";
    public const string PlannedAct = Entry + "39";
    public const string PlannedEncounter = Entry + "40";
    public const string PlannedProcedure = Entry + "41";
    public const string PlannedSupply = Entry + "43";
    public const string PlannedObservation = Entry + "44";
    public const string NutritionRecommendation = Entry + "130";
    public const string Goal = Entry + "121";
    public const string HealthConcern = Entry + "132";
    public const string RiskConcern = Entry + "136";
    public const string HealthStatus = Entry + "5";
    public const string EquipmentOrganizer = Entry + "135";
    public const string Supply = Entry + "50";
    public const string Coverage = Entry + "60";
    public const string Policy = Entry + "61";
    public const string Payer = Entry + "87";
    public const string CoveredParty = Entry + "89";
    public const string AdvanceDirective = Entry + "48";
    public const string AdvanceDirectiveOrganizer = Entry + "108";
    public const string Note = Entry + "202";
    public const string CareTeam = Entry + "500";
    public const string Comment = Entry + "64";

    public const string AllergiesSection = Section + "6.1";
    public const string MedicationsSection = Section + "1.1";
    public const string ProblemsSection = Section + "5.1";
    public const string ProceduresSection = Section + "7.1";
    public const string ResultsSection = Section + "3.1";
    public const string VitalSignsSection = Section + "4.1";
    public const string ImmunizationsSection = Section + "2.1";
    public const string EncountersSection = Section + "22.1";
    public const string SocialHistorySection = Section + "17";
    public const string FamilyHistorySection = Section + "15";
    public const string FunctionalStatusSection = Section + "14";
    public const string MentalStatusSection = Section + "56";
    public const string PlanSection = Section + "10";
    public const string GoalsSection = Section + "60";
    public const string HealthConcernsSection = Section + "58";
    public const string EquipmentSection = Section + "23";
    public const string PayersSection = Section + "18";
    public const string AdvanceDirectivesSection = Section + "21.1";
    public const string NotesSection = Section + "65";
}
